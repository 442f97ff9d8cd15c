<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko" sourcelanguage="en">
<context>
    <name>Actions</name>
    <message>
        <source>&amp;File</source>
        <translation>파일(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Review</source>
        <translation>판독(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Image</source>
        <translation>영상(&amp;I)</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>계측(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>보기(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>도움말(&amp;H)</translation>
    </message>
    <message>
        <source>Open files…</source>
        <translation>파일 열기…</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>폴더 열기…</translation>
    </message>
    <message>
        <source>Open the example patient</source>
        <translation>예제 환자 열기</translation>
    </message>
    <message>
        <source>Save review…</source>
        <translation>판독 저장…</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>설정…</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>종료</translation>
    </message>
    <message>
        <source>Read</source>
        <translation>판독</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>수락</translation>
    </message>
    <message>
        <source>Correct…</source>
        <translation>수정…</translation>
    </message>
    <message>
        <source>Next stent alone</source>
        <translation>다음 스텐트만 보기</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>실행 취소</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>다시 실행</translation>
    </message>
    <message>
        <source>Your name…</source>
        <translation>판독자 이름…</translation>
    </message>
    <message>
        <source>Audit trail</source>
        <translation>감사 기록</translation>
    </message>
    <message>
        <source>Stent designs…</source>
        <translation>스텐트 디자인…</translation>
    </message>
    <message>
        <source>Models on this machine…</source>
        <translation>이 컴퓨터의 모델…</translation>
    </message>
    <message>
        <source>Learn a new stent design…</source>
        <translation>새 스텐트 디자인 학습…</translation>
    </message>
    <message>
        <source>Window presets</source>
        <translation>윈도우 프리셋</translation>
    </message>
    <message>
        <source>Display filter</source>
        <translation>표시 필터</translation>
    </message>
    <message>
        <source>Look-up table</source>
        <translation>색상표(LUT)</translation>
    </message>
    <message>
        <source>Window preset 1</source>
        <translation>윈도우 프리셋 1</translation>
    </message>
    <message>
        <source>Window preset 2</source>
        <translation>윈도우 프리셋 2</translation>
    </message>
    <message>
        <source>Window preset 3</source>
        <translation>윈도우 프리셋 3</translation>
    </message>
    <message>
        <source>Window preset 4</source>
        <translation>윈도우 프리셋 4</translation>
    </message>
    <message>
        <source>Window preset 5</source>
        <translation>윈도우 프리셋 5</translation>
    </message>
    <message>
        <source>Window preset 6</source>
        <translation>윈도우 프리셋 6</translation>
    </message>
    <message>
        <source>Window preset 7</source>
        <translation>윈도우 프리셋 7</translation>
    </message>
    <message>
        <source>Window preset 8</source>
        <translation>윈도우 프리셋 8</translation>
    </message>
    <message>
        <source>Window preset 9</source>
        <translation>윈도우 프리셋 9</translation>
    </message>
    <message>
        <source>Median (less noise)</source>
        <translation>중앙값(잡음 줄임)</translation>
    </message>
    <message>
        <source>Gaussian (smoother)</source>
        <translation>가우시안(부드럽게)</translation>
    </message>
    <message>
        <source>Sharpen</source>
        <translation>선명하게</translation>
    </message>
    <message>
        <source>Local contrast (CLAHE)</source>
        <translation>국소 대비(CLAHE)</translation>
    </message>
    <message>
        <source>Histogram equalisation</source>
        <translation>히스토그램 평활화</translation>
    </message>
    <message>
        <source>Grey</source>
        <translation>흑백</translation>
    </message>
    <message>
        <source>inferno</source>
        <translation>인페르노(inferno)</translation>
    </message>
    <message>
        <source>viridis</source>
        <translation>비리디스(viridis)</translation>
    </message>
    <message>
        <source>cividis</source>
        <translation>시비디스(cividis)</translation>
    </message>
    <message>
        <source>magma</source>
        <translation>마그마(magma)</translation>
    </message>
    <message>
        <source>plasma</source>
        <translation>플라스마(plasma)</translation>
    </message>
    <message>
        <source>Hot iron (DICOM)</source>
        <translation>핫 아이언(DICOM)</translation>
    </message>
    <message>
        <source>PET (DICOM)</source>
        <translation>PET 색상(DICOM)</translation>
    </message>
    <message>
        <source>Hot metal blue (DICOM)</source>
        <translation>핫 메탈 블루(DICOM)</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>맞춤</translation>
    </message>
    <message>
        <source>Actual pixels (1:1)</source>
        <translation>실제 픽셀 (1:1)</translation>
    </message>
    <message>
        <source>Invert</source>
        <translation>흑백 반전</translation>
    </message>
    <message>
        <source>Automatic window</source>
        <translation>자동 윈도우</translation>
    </message>
    <message>
        <source>Reset the view</source>
        <translation>보기 초기화</translation>
    </message>
    <message>
        <source>Turn right</source>
        <translation>오른쪽으로 90° 회전</translation>
    </message>
    <message>
        <source>Turn left</source>
        <translation>왼쪽으로 90° 회전</translation>
    </message>
    <message>
        <source>Mirror left and right</source>
        <translation>좌우 반전</translation>
    </message>
    <message>
        <source>Magnifier</source>
        <translation>돋보기</translation>
    </message>
    <message>
        <source>Magnify more</source>
        <translation>돋보기 배율 높이기</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>이전 프레임</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>다음 프레임</translation>
    </message>
    <message>
        <source>Play or pause cine</source>
        <translation>시네 재생/일시정지</translation>
    </message>
    <message>
        <source>Previous image</source>
        <translation>이전 영상</translation>
    </message>
    <message>
        <source>Next image</source>
        <translation>다음 영상</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>화면 분할</translation>
    </message>
    <message>
        <source>Linked viewports</source>
        <translation>연결된 칸</translation>
    </message>
    <message>
        <source>Over the image</source>
        <translation>영상 위 표시</translation>
    </message>
    <message>
        <source>Panels</source>
        <translation>패널</translation>
    </message>
    <message>
        <source>Heat map</source>
        <translation>히트맵</translation>
    </message>
    <message>
        <source>One image</source>
        <translation>1칸</translation>
    </message>
    <message>
        <source>Two beside each other</source>
        <translation>2칸(좌우)</translation>
    </message>
    <message>
        <source>Two by two</source>
        <translation>4칸(2×2)</translation>
    </message>
    <message>
        <source>Two rows of four</source>
        <translation>8칸(2×4)</translation>
    </message>
    <message>
        <source>Axial with sagittal and coronal</source>
        <translation>축상·시상·관상 단면</translation>
    </message>
    <message>
        <source>Hang the study by its rule</source>
        <translation>규칙대로 검사 배치</translation>
    </message>
    <message>
        <source>Prior beside current</source>
        <translation>이전 검사와 나란히</translation>
    </message>
    <message>
        <source>Flicker with the prior</source>
        <translation>이전 검사와 번갈아 보기</translation>
    </message>
    <message>
        <source>Link zoom and pan</source>
        <translation>확대·이동 연동</translation>
    </message>
    <message>
        <source>Link window and level</source>
        <translation>윈도우·레벨 연동</translation>
    </message>
    <message>
        <source>Link scrolling</source>
        <translation>스크롤 연동</translation>
    </message>
    <message>
        <source>Reference lines</source>
        <translation>참조선</translation>
    </message>
    <message>
        <source>Crosshair in all planes</source>
        <translation>모든 단면에 십자선</translation>
    </message>
    <message>
        <source>Next viewport</source>
        <translation>다음 칸</translation>
    </message>
    <message>
        <source>This viewport alone</source>
        <translation>이 칸만 보기</translation>
    </message>
    <message>
        <source>Corner texts: all, patient, none</source>
        <translation>모서리 글: 모두, 환자, 없음</translation>
    </message>
    <message>
        <source>Hide who the patient is</source>
        <translation>환자 신원 숨기기</translation>
    </message>
    <message>
        <source>Overlays and presentation states</source>
        <translation>오버레이와 프레젠테이션 상태</translation>
    </message>
    <message>
        <source>As the presentation state shows it</source>
        <translation>프레젠테이션 상태대로 보기</translation>
    </message>
    <message>
        <source>Next presentation state</source>
        <translation>다음 프레젠테이션 상태</translation>
    </message>
    <message>
        <source>Filter the worklist</source>
        <translation>워크리스트 필터</translation>
    </message>
    <message>
        <source>Previous study of the patient</source>
        <translation>환자의 이전 검사</translation>
    </message>
    <message>
        <source>Next study of the patient</source>
        <translation>환자의 다음 검사</translation>
    </message>
    <message>
        <source>Worklist</source>
        <translation>워크리스트</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>판독 패널</translation>
    </message>
    <message>
        <source>Time line</source>
        <translation>타임라인</translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation>계측</translation>
    </message>
    <message>
        <source>Window and histogram</source>
        <translation>윈도우와 히스토그램</translation>
    </message>
    <message>
        <source>Another viewer window</source>
        <translation>새 뷰어 창</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>전체 화면</translation>
    </message>
    <message>
        <source>Language: English</source>
        <translation>언어: English</translation>
    </message>
    <message>
        <source>Language: 한국어</source>
        <translation>언어: 한국어</translation>
    </message>
    <message>
        <source>Find a command…</source>
        <translation>명령 찾기…</translation>
    </message>
    <message>
        <source>Keys and gestures</source>
        <translation>단축키와 마우스 조작</translation>
    </message>
    <message>
        <source>Change the keys…</source>
        <translation>단축키 바꾸기…</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>도움말</translation>
    </message>
    <message>
        <source>Welcome…</source>
        <translation>시작 화면…</translation>
    </message>
    <message>
        <source>Pointer</source>
        <translation>포인터</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>길이</translation>
    </message>
    <message>
        <source>Angle</source>
        <translation>각도</translation>
    </message>
    <message>
        <source>Ellipse</source>
        <translation>타원</translation>
    </message>
    <message>
        <source>Rectangle</source>
        <translation>사각형</translation>
    </message>
    <message>
        <source>Polygon</source>
        <translation>다각형</translation>
    </message>
    <message>
        <source>Freehand region</source>
        <translation>자유 곡선 영역</translation>
    </message>
    <message>
        <source>Probe</source>
        <translation>한 점의 값</translation>
    </message>
    <message>
        <source>Stent length and diameter</source>
        <translation>스텐트 길이와 지름</translation>
    </message>
    <message>
        <source>Calibrate by a known length…</source>
        <translation>아는 길이로 보정…</translation>
    </message>
    <message>
        <source>Remove the chosen measurement</source>
        <translation>선택한 계측 제거</translation>
    </message>
    <message>
        <source>Export measurements as CSV…</source>
        <translation>계측을 CSV로 내보내기…</translation>
    </message>
    <message>
        <source>Export measurements as JSON…</source>
        <translation>계측을 JSON으로 내보내기…</translation>
    </message>
</context>
<context>
    <name>Activity</name>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>about {n} s left</source>
        <translation>약 {n}초 남음</translation>
    </message>
    <message>
        <source>about {n} min left</source>
        <translation>약 {n}분 남음</translation>
    </message>
</context>
<context>
    <name>Announcements</name>
    <message>
        <source>Images added: {new}. Already known: {known}.</source>
        <translation>추가한 영상 {new}장, 이미 있는 영상 {known}장.</translation>
    </message>
    <message>
        <source>Images removed from the library: {n}. Their files were not touched.</source>
        <translation>라이브러리에서 영상 {n}장을 제거했습니다. 파일은 그대로 있습니다.</translation>
    </message>
    <message>
        <source>Undone. Images back in the library: {n}.</source>
        <translation>되돌렸습니다. 라이브러리에 돌아온 영상: {n}.</translation>
    </message>
    <message>
        <source>Redone. Images removed from the library: {n}.</source>
        <translation>다시 실행했습니다. 라이브러리에서 제거한 영상: {n}.</translation>
    </message>
    <message>
        <source>Saved: {maker}, accepted.</source>
        <translation>저장됨: {maker}, 수락.</translation>
    </message>
    <message>
        <source>Saved: {maker}, chosen by you.</source>
        <translation>저장됨: {maker}, 직접 선택.</translation>
    </message>
    <message>
        <source>Saved: {maker}. The model&apos;s answer is shown now.</source>
        <translation>저장됨: {maker}. 이제 모델의 답이 표시됩니다.</translation>
    </message>
    <message>
        <source>Undone. The label is now {maker}.</source>
        <translation>실행을 취소했습니다. 현재 레이블: {maker}.</translation>
    </message>
    <message>
        <source>Redone. The label is now {maker}.</source>
        <translation>다시 실행했습니다. 현재 레이블: {maker}.</translation>
    </message>
    <message>
        <source>none</source>
        <translation>없음</translation>
    </message>
    <message>
        <source>This was on another image; it is shown now.</source>
        <translation>다른 영상의 변경이어서 그 영상을 표시합니다.</translation>
    </message>
    <message>
        <source>The review was saved in {folder}: {names}</source>
        <translation>판독을 {folder}에 저장했습니다: {names}</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>폴더 열기</translation>
    </message>
    <message>
        <source>Labels are now kept under the name {name}.</source>
        <translation>이제부터 레이블이 {name} 이름으로 저장됩니다.</translation>
    </message>
</context>
<context>
    <name>AnswerForm</name>
    <message>
        <source>Commit my answer</source>
        <translation>답 확정</translation>
    </message>
    <message>
        <source>It is kept, and the model&apos;s answer is shown.</source>
        <translation>답이 기록되고 모델의 답이 표시됩니다.</translation>
    </message>
    <message>
        <source>Your answer</source>
        <translation>판독자의 답</translation>
    </message>
    <message>
        <source>Several stents of different makers: choose each of them.</source>
        <translation>제조사가 다른 스텐트가 여럿이면 모두 선택하십시오.</translation>
    </message>
    <message>
        <source>How sure, if you like: 1 a guess, 5 certain</source>
        <translation>확신도(선택): 1 추측, 5 확실</translation>
    </message>
    <message>
        <source>Confidence {n} of 5</source>
        <translation>확신도 {n}/5</translation>
    </message>
    <message>
        <source>Commit my answer: {n} makers</source>
        <translation>내 답 확정: 제조사 {n}곳</translation>
    </message>
</context>
<context>
    <name>Answers</name>
    <message>
        <source>No stent</source>
        <translation>스텐트 없음</translation>
    </message>
    <message>
        <source>Another design</source>
        <translation>다른 디자인</translation>
    </message>
    <message>
        <source>Cannot tell</source>
        <translation>판단할 수 없음</translation>
    </message>
    <message>
        <source>Unknown design</source>
        <translation>알 수 없는 디자인</translation>
    </message>
</context>
<context>
    <name>AuditDialog</name>
    <message>
        <source>Audit trail</source>
        <translation>감사 기록</translation>
    </message>
    <message>
        <source>The check of the library found:</source>
        <translation>라이브러리 검사에서 다음이 발견되었습니다:</translation>
    </message>
    <message>
        <source>Events: {n}. The chain is intact; the library is in order.</source>
        <translation>기록 {n}건. 기록의 연결이 온전하며 라이브러리에 이상이 없습니다.</translation>
    </message>
    <message>
        <source>The newest {n} are shown.</source>
        <translation>최근 {n}건만 표시합니다.</translation>
    </message>
    <message>
        <source>When</source>
        <translation>일시</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>사용자</translation>
    </message>
    <message>
        <source>What</source>
        <translation>내용</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>대상</translation>
    </message>
    <message>
        <source>Detail</source>
        <translation>세부 내용</translation>
    </message>
    <message>
        <source>Seal</source>
        <translation>봉인값</translation>
    </message>
</context>
<context>
    <name>BugDialog</name>
    <message>
        <source>This is a bug</source>
        <translation>프로그램 오류입니다</translation>
    </message>
    <message>
        <source>Something went wrong that is not your doing. What was saved before is kept. Please send the details below to whoever looks after this program; they name no patient and no file.</source>
        <translation>사용자의 잘못이 아닌 프로그램 오류가 발생했습니다. 이전에 저장된 내용은 그대로 보존됩니다. 아래의 세부 정보를 프로그램 담당자에게 보내 주십시오. 세부 정보에는 환자나 파일 이름이 들어 있지 않습니다.</translation>
    </message>
    <message>
        <source>Copy the details</source>
        <translation>세부 정보 복사</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
</context>
<context>
    <name>CalibrationDialog</name>
    <message>
        <source>Calibrate by a known length</source>
        <translation>아는 길이로 보정</translation>
    </message>
    <message>
        <source>The line is {n} px long.</source>
        <translation>선의 길이는 {n} px입니다.</translation>
    </message>
    <message>
        <source>By the file&apos;s spacing that is {n}.</source>
        <translation>파일의 픽셀 간격으로는 {n}입니다.</translation>
    </message>
    <message>
        <source>mm</source>
        <translation>mm</translation>
    </message>
    <message>
        <source>Fr (1 Fr = 1/3 mm)</source>
        <translation>Fr (1 Fr = 1/3 mm)</translation>
    </message>
    <message>
        <source>Known length</source>
        <translation>실제 길이</translation>
    </message>
    <message>
        <source>Unit of the known length</source>
        <translation>실제 길이의 단위</translation>
    </message>
    <message>
        <source>What it is of must lie as far from the detector as what is measured. Lengths on this image are marked as calibrated from now on.</source>
        <translation>기준 물체와 계측할 대상은 검출기에서 같은 거리에 있어야 합니다. 이제부터 이 영상의 길이에는 보정된 값이라고 표시됩니다.</translation>
    </message>
</context>
<context>
    <name>ChangePage</name>
    <message>
        <source>Model to start from</source>
        <translation>시작할 모델</translation>
    </message>
    <message>
        <source>Labelled on the worklist</source>
        <translation>워크리스트의 레이블된 영상</translation>
    </message>
    <message>
        <source>A folder for each class…</source>
        <translation>클래스별 폴더…</translation>
    </message>
    <message>
        <source>A CSV table…</source>
        <translation>CSV 표…</translation>
    </message>
    <message>
        <source>An HDF5 file…</source>
        <translation>HDF5 파일…</translation>
    </message>
    <message>
        <source>Start from</source>
        <translation>시작 모델</translation>
    </message>
    <message>
        <source>Classes of the new model</source>
        <translation>새 모델의 클래스</translation>
    </message>
    <message>
        <source>Images to learn from</source>
        <translation>학습할 영상</translation>
    </message>
    <message>
        <source>Of the new design, and of every class that stays: the model is checked on all of them. A table has the columns file and label, and may have patient.</source>
        <translation>새 디자인과 남는 모든 클래스의 영상이 필요합니다. 모델을 그 모두에서 확인합니다. 표에는 file 열과 label 열이 있어야 하고 patient 열이 있을 수 있습니다.</translation>
    </message>
    <message>
        <source>CSV table (*.csv)</source>
        <translation>CSV 표 (*.csv)</translation>
    </message>
    <message>
        <source>HDF5 file (*.h5 *.hdf5)</source>
        <translation>HDF5 파일 (*.h5 *.hdf5)</translation>
    </message>
    <message>
        <source>What changes</source>
        <translation>무엇이 바뀌나</translation>
    </message>
    <message>
        <source>Name the new design and say where its images are.</source>
        <translation>새 디자인의 이름과 영상 위치를 정하십시오.</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>학습 실행</translation>
    </message>
    <message>
        <source>{network}, {side} px. Learned from: {data}.</source>
        <translation>{network}, {side} px. 학습 데이터: {data}.</translation>
    </message>
    <message>
        <source>{model} (in use)</source>
        <translation>{model} (사용 중)</translation>
    </message>
    <message>
        <source>A folder of images for each class</source>
        <translation>클래스별 영상 폴더</translation>
    </message>
    <message>
        <source>Looking for images</source>
        <translation>영상 찾는 중</translation>
    </message>
    <message>
        <source>A run was made of these choices. Begin another one first.</source>
        <translation>이 선택으로 이미 학습을 시작했습니다. 먼저 새로 시작하십시오.</translation>
    </message>
    <message>
        <source>New design</source>
        <translation>새 디자인</translation>
    </message>
    <message>
        <source>New design {n}</source>
        <translation>새 디자인 {n}</translation>
    </message>
    <message>
        <source>Opening the run</source>
        <translation>학습 실행 여는 중</translation>
    </message>
</context>
<context>
    <name>CheckView</name>
    <message>
        <source>heat on the stent {p} %</source>
        <translation>스텐트 위의 히트맵 {p} %</translation>
    </message>
    <message>
        <source>heat in the box drawn around it {p} %, not checked</source>
        <translation>히트맵을 둘러 그린 상자 안의 히트맵 {p} %, 확인 안 됨</translation>
    </message>
    <message>
        <source>the probability hangs on the hottest places</source>
        <translation>확률이 가장 강한 곳에 달려 있음</translation>
    </message>
    <message>
        <source>Check the heat map.</source>
        <translation>히트맵을 확인하십시오.</translation>
    </message>
    <message>
        <source>Does the heat map hold?</source>
        <translation>히트맵을 믿을 수 있습니까?</translation>
    </message>
    <message>
        <source>● solid: the hottest places hidden first. Dashed: random places hidden. □ dotted: only the hottest places shown.</source>
        <translation>● 실선: 가장 강한 곳부터 가림. 파선: 무작위로 가림. □ 점선: 가장 강한 곳만 보임.</translation>
    </message>
    <message>
        <source>A map that holds shows what the model looked at. It does not show that the model is right.</source>
        <translation>믿을 수 있는 히트맵은 모델이 무엇을 보았는지 보여 줍니다. 모델이 옳다는 뜻은 아닙니다.</translation>
    </message>
    <message>
        <source>Test this heat map</source>
        <translation>이 히트맵 시험</translation>
    </message>
    <message>
        <source>{n} passes of the network: the hottest places hidden, random places hidden, and the image mirrored and shifted. Some seconds.</source>
        <translation>신경망을 {n}번 실행합니다. 가장 강한 곳을 가리고, 무작위로 가리고, 영상을 뒤집고 옮겨 봅니다. 몇 초 걸립니다.</translation>
    </message>
    <message>
        <source>Hiding places and asking again…</source>
        <translation>가리고 다시 묻는 중…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>중지</translation>
    </message>
    <message>
        <source>deletion {d}, random order {r} (lower is better)</source>
        <translation>삭제 {d}, 무작위 {r} (낮을수록 좋음)</translation>
    </message>
    <message>
        <source>insertion {i} (higher is better)</source>
        <translation>삽입 {i} (높을수록 좋음)</translation>
    </message>
    <message>
        <source>{p} % of the hottest places stay if mirrored or shifted</source>
        <translation>뒤집거나 옮겨도 가장 강한 곳의 {p} %가 그대로</translation>
    </message>
    <message>
        <source>{p} % of the heat on the stent</source>
        <translation>히트맵의 {p} %가 스텐트 위</translation>
    </message>
    <message>
        <source>{p} % of the heat in the box drawn around it</source>
        <translation>히트맵의 {p} %가 그것을 둘러 그린 상자 안</translation>
    </message>
</context>
<context>
    <name>CineBar</name>
    <message>
        <source>Frame</source>
        <translation>프레임</translation>
    </message>
    <message>
        <source>Frames a second</source>
        <translation>초당 프레임 수</translation>
    </message>
    <message>
        <source>Frame {n} / {total}</source>
        <translation>프레임 {n} / {total}</translation>
    </message>
    <message>
        <source> per second, assumed</source>
        <translation> 프레임/초(가정)</translation>
    </message>
    <message>
        <source> per second</source>
        <translation> 프레임/초</translation>
    </message>
    <message>
        <source>The file states no speed</source>
        <translation>파일에 재생 속도가 없습니다</translation>
    </message>
    <message>
        <source>As the file states</source>
        <translation>파일의 속도</translation>
    </message>
    <message>
        <source>The file states {n} per second</source>
        <translation>파일의 속도: 초당 {n}프레임</translation>
    </message>
    <message>
        <source>Round and round</source>
        <translation>반복 재생</translation>
    </message>
    <message>
        <source>To and fro</source>
        <translation>왕복 재생</translation>
    </message>
    <message>
        <source>Once to the end</source>
        <translation>한 번만 재생</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>일시정지</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>재생</translation>
    </message>
</context>
<context>
    <name>ClassTable</name>
    <message>
        <source>Class</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>Begins as</source>
        <translation>시작 클래스</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>영상</translation>
    </message>
    <message>
        <source>Patients</source>
        <translation>환자</translation>
    </message>
    <message>
        <source>Classes of the new model</source>
        <translation>새 모델의 클래스</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>이름 변경</translation>
    </message>
    <message>
        <source>Merge</source>
        <translation>합치기</translation>
    </message>
    <message>
        <source>Retire</source>
        <translation>퇴역</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>되돌리기</translation>
    </message>
    <message>
        <source>Choose two classes or more; they get the name of the first.</source>
        <translation>클래스를 두 개 이상 고르십시오. 첫 클래스의 이름을 받습니다.</translation>
    </message>
    <message>
        <source>The new model will not know this class.</source>
        <translation>새 모델은 이 클래스를 알지 못합니다.</translation>
    </message>
    <message>
        <source>Name of a new design</source>
        <translation>새 디자인의 이름</translation>
    </message>
    <message>
        <source>Manufacturer (optional)</source>
        <translation>제조사 (선택)</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>추가</translation>
    </message>
    <message>
        <source>new</source>
        <translation>새 디자인</translation>
    </message>
    <message>
        <source>retires</source>
        <translation>퇴역</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Commands</source>
        <translation>명령</translation>
    </message>
    <message>
        <source>Type a command</source>
        <translation>명령을 입력하십시오</translation>
    </message>
</context>
<context>
    <name>Comparing</name>
    <message>
        <source>Looking for look-alikes</source>
        <translation>비슷한 스텐트 찾기</translation>
    </message>
    <message>
        <source>Images read: {n}.</source>
        <translation>판독한 영상: {n}.</translation>
    </message>
    <message>
        <source>Reading verified images</source>
        <translation>확인된 영상 판독</translation>
    </message>
</context>
<context>
    <name>Corners</name>
    <message>
        <source>identity hidden</source>
        <translation>신원 숨김</translation>
    </message>
    <message>
        <source>{n} years</source>
        <translation>{n}세</translation>
    </message>
    <message>
        <source>Slice {n} / {total}</source>
        <translation>단면 {n} / {total}</translation>
    </message>
    <message>
        <source>Frame {n} / {total}</source>
        <translation>프레임 {n} / {total}</translation>
    </message>
    <message>
        <source>Slice at {mm} mm</source>
        <translation>단면 위치 {mm} mm</translation>
    </message>
    <message>
        <source>VOI LUT of the file</source>
        <translation>파일의 VOI LUT</translation>
    </message>
    <message>
        <source>W {width}  L {centre}</source>
        <translation>W {width}  L {centre}</translation>
    </message>
    <message>
        <source>no pixel spacing</source>
        <translation>픽셀 간격 없음</translation>
    </message>
    <message>
        <source>pixel {size} mm, detector plane</source>
        <translation>픽셀 {size} mm, 검출기 평면</translation>
    </message>
    <message>
        <source>pixel {size} mm, calibrated</source>
        <translation>픽셀 {size} mm, 보정됨</translation>
    </message>
    <message>
        <source>pixel {size} mm</source>
        <translation>픽셀 {size} mm</translation>
    </message>
    <message>
        <source>{n} kVp</source>
        <translation>{n} kVp</translation>
    </message>
    <message>
        <source>{n} mAs</source>
        <translation>{n} mAs</translation>
    </message>
    <message>
        <source>Filter: {name}</source>
        <translation>필터: {name}</translation>
    </message>
    <message>
        <source>Series {n}</source>
        <translation>시리즈 {n}</translation>
    </message>
    <message>
        <source>Image {n}</source>
        <translation>영상 {n}</translation>
    </message>
    <message>
        <source>Zoom {n} %</source>
        <translation>확대 {n} %</translation>
    </message>
</context>
<context>
    <name>CurvesPlot</name>
    <message>
        <source>% of the image</source>
        <translation>영상의 %</translation>
    </message>
    <message>
        <source>Probability over the share of the image that is hidden or shown</source>
        <translation>가리거나 보인 영상 비율에 따른 확률</translation>
    </message>
</context>
<context>
    <name>DataPage</name>
    <message>
        <source>Look again</source>
        <translation>다시 점검</translation>
    </message>
    <message>
        <source>Undo all masks and omissions</source>
        <translation>가림과 제외 모두 취소</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>영상</translation>
    </message>
    <message>
        <source>Patients</source>
        <translation>환자</translation>
    </message>
    <message>
        <source>Held back</source>
        <translation>남겨 둠</translation>
    </message>
    <message>
        <source>Elsewhere</source>
        <translation>외부</translation>
    </message>
    <message>
        <source>Images of each class</source>
        <translation>클래스별 영상</translation>
    </message>
    <message>
        <source>Would more images help?</source>
        <translation>영상이 더 있으면 나아질까?</translation>
    </message>
    <message>
        <source>Sharpness</source>
        <translation>선명도</translation>
    </message>
    <message>
        <source>Hold back patients as this site&apos;s test set</source>
        <translation>일부 환자를 이 기관의 시험 세트로 남겨 두기</translation>
    </message>
    <message>
        <source>Share of the patients to hold back</source>
        <translation>남겨 둘 환자의 비율</translation>
    </message>
    <message>
        <source>Frozen test set</source>
        <translation>고정 시험 세트</translation>
    </message>
    <message>
        <source>Is the data fit?</source>
        <translation>데이터가 적합한가</translation>
    </message>
    <message>
        <source>What could spoil the model or flatter it, and what to do about it.</source>
        <translation>모델을 망치거나 실제보다 좋아 보이게 할 수 있는 것과 그 조치입니다.</translation>
    </message>
    <message>
        <source>Looking at the images</source>
        <translation>영상 점검 중</translation>
    </message>
    <message>
        <source>Reading images with the start model</source>
        <translation>시작 모델로 영상 읽는 중</translation>
    </message>
    <message>
        <source>Looking at {n} images…</source>
        <translation>영상 {n}개 점검 중…</translation>
    </message>
    <message>
        <source>The images have not been looked at yet.</source>
        <translation>영상을 아직 점검하지 않았습니다.</translation>
    </message>
    <message>
        <source>{images} images looked at. To be put right before a run: {n}.</source>
        <translation>영상 {images}개를 점검했습니다. 학습 전에 바로잡을 것: {n}.</translation>
    </message>
    <message>
        <source>{images} images looked at. What would make the result doubtful: {n}.</source>
        <translation>영상 {images}개를 점검했습니다. 결과를 의심스럽게 할 것: {n}.</translation>
    </message>
    <message>
        <source>{images} images looked at. Nothing stands against learning from them.</source>
        <translation>영상 {images}개를 점검했습니다. 학습에 걸림돌이 없습니다.</translation>
    </message>
    <message>
        <source>Reading images</source>
        <translation>영상 읽는 중</translation>
    </message>
    <message>
        <source>Choosing patients</source>
        <translation>환자 고르는 중</translation>
    </message>
    <message>
        <source>Images: {images}, of {patients} patients. Once the run begins they are frozen: no model made here ever learns from them, and each is tested on them.</source>
        <translation>환자 {patients}명의 영상 {images}개. 학습을 시작하면 고정됩니다. 이곳에서 만드는 어떤 모델도 이 영상으로 학습하지 않으며, 모든 모델을 이 영상으로 시험합니다.</translation>
    </message>
    <message>
        <source>A model can only be compared with the one in use on images that neither has learned from.</source>
        <translation>사용 중인 모델과는 둘 다 학습하지 않은 영상에서만 비교할 수 있습니다.</translation>
    </message>
    <message>
        <source>Frozen here before: {n} images.</source>
        <translation>이전에 고정된 영상: {n}개.</translation>
    </message>
</context>
<context>
    <name>DateRangeDialog</name>
    <message>
        <source>Study date</source>
        <translation>검사 날짜</translation>
    </message>
    <message>
        <source>From</source>
        <translation>시작일</translation>
    </message>
    <message>
        <source>To</source>
        <translation>종료일</translation>
    </message>
</context>
<context>
    <name>DesignsDialog</name>
    <message>
        <source>Stent designs</source>
        <translation>스텐트 디자인</translation>
    </message>
    <message>
        <source>Designs</source>
        <translation>디자인</translation>
    </message>
    <message>
        <source>A page is about a design, not about this patient&apos;s stent: what the model or a reader calls it may be wrong. Before an intervention or an MR examination, the papers of the device itself decide. For research use, not for primary diagnosis.</source>
        <translation>이 페이지는 디자인에 대한 것이지 이 환자의 스텐트에 대한 것이 아닙니다. 모델이나 판독자가 붙인 이름은 틀릴 수 있습니다. 시술이나 MR 검사 전에는 기구 자체의 설명서를 따르십시오. 연구용이며 일차 진단에 사용할 수 없음</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>Manufacturer</source>
        <translation>제조사</translation>
    </message>
    <message>
        <source>Material</source>
        <translation>재질</translation>
    </message>
    <message>
        <source>Mesh</source>
        <translation>메쉬</translation>
    </message>
    <message>
        <source>Wire</source>
        <translation>와이어</translation>
    </message>
    <message>
        <source>Cover</source>
        <translation>피막</translation>
    </message>
    <message>
        <source>Markers</source>
        <translation>마커</translation>
    </message>
    <message>
        <source>Lengths</source>
        <translation>길이</translation>
    </message>
    <message>
        <source>Diameters</source>
        <translation>지름</translation>
    </message>
    <message>
        <source>Reintervention: through the mesh?</source>
        <translation>재시술: 메쉬를 통과할 수 있는가</translation>
    </message>
    <message>
        <source>Reintervention: can it be removed?</source>
        <translation>재시술: 제거할 수 있는가</translation>
    </message>
    <message>
        <source>MR conditions</source>
        <translation>MR 조건</translation>
    </message>
    <message>
        <source>A fact is half written.</source>
        <translation>쓰다 만 사실이 있습니다.</translation>
    </message>
    <message>
        <source>It is not kept yet.</source>
        <translation>아직 저장되지 않았습니다.</translation>
    </message>
    <message>
        <source>Do without it</source>
        <translation>버리기</translation>
    </message>
</context>
<context>
    <name>Desk</name>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>Another model</source>
        <translation>다른 모델</translation>
    </message>
    <message>
        <source>Worklist</source>
        <translation>워크리스트</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>라이브러리</translation>
    </message>
    <message>
        <source>Opening files</source>
        <translation>파일을 여는 중</translation>
    </message>
    <message>
        <source>Preparing the example patient</source>
        <translation>예제 환자를 준비하는 중</translation>
    </message>
    <message>
        <source>Saving</source>
        <translation>저장 중</translation>
    </message>
    <message>
        <source>Checking the library</source>
        <translation>라이브러리를 검사하는 중</translation>
    </message>
</context>
<context>
    <name>DetailsBox</name>
    <message>
        <source>Details</source>
        <translation>세부 설정</translation>
    </message>
    <message>
        <source>Name of the run</source>
        <translation>학습 실행 이름</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>신경망</translation>
    </message>
    <message>
        <source>The start model&apos;s own, or another by timm&apos;s name with ImageNet weights.</source>
        <translation>시작 모델의 신경망, 또는 timm 이름으로 고른 ImageNet 가중치의 다른 신경망입니다.</translation>
    </message>
    <message>
        <source>Its weights</source>
        <translation>가중치</translation>
    </message>
    <message>
        <source>A safetensors file; never a pickle.</source>
        <translation>safetensors 파일만 됩니다. pickle은 안 됩니다.</translation>
    </message>
    <message>
        <source>Folds</source>
        <translation>겹(fold)</translation>
    </message>
    <message>
        <source>Whole patients: each fold checks what the others have learned.</source>
        <translation>환자 단위로 나눕니다. 각 겹이 나머지 겹에서 학습한 것을 확인합니다.</translation>
    </message>
    <message>
        <source>Image size</source>
        <translation>영상 크기</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>에포크</translation>
    </message>
    <message>
        <source>Freeze up to</source>
        <translation>고정 범위</translation>
    </message>
    <message>
        <source>Share of the stages that stay as they are; 100 % is feature extraction.</source>
        <translation>그대로 두는 단계의 비율입니다. 100 %는 특징 추출입니다.</translation>
    </message>
    <message>
        <source>Rate per stage</source>
        <translation>단계별 학습률</translation>
    </message>
    <message>
        <source>Each stage learns at this share of the next one&apos;s rate; 1 is all alike.</source>
        <translation>각 단계는 다음 단계 학습률의 이 비율로 학습합니다. 1이면 모두 같습니다.</translation>
    </message>
    <message>
        <source>LoRA rank</source>
        <translation>LoRA 랭크</translation>
    </message>
    <message>
        <source>Low-rank updates to a transformer&apos;s attention; 0 is none.</source>
        <translation>트랜스포머 어텐션의 저랭크 갱신입니다. 0이면 쓰지 않습니다.</translation>
    </message>
    <message>
        <source>usual: {n}</source>
        <translation>기본: {n}</translation>
    </message>
    <message>
        <source>usual: {n} px</source>
        <translation>기본: {n} px</translation>
    </message>
    <message>
        <source>usual: {n} %</source>
        <translation>기본: {n} %</translation>
    </message>
    <message>
        <source>none</source>
        <translation>없음</translation>
    </message>
    <message>
        <source>The classes of the new model begin without the start model&apos;s knowledge.</source>
        <translation>새 모델의 클래스는 시작 모델의 지식 없이 시작합니다.</translation>
    </message>
    <message>
        <source>as it is: {network}</source>
        <translation>그대로: {network}</translation>
    </message>
    <message>
        <source>ImageNet, installed</source>
        <translation>ImageNet (설치됨)</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>파일 고르기…</translation>
    </message>
    <message>
        <source>Weights of the network</source>
        <translation>신경망의 가중치</translation>
    </message>
    <message>
        <source>safetensors file (*.safetensors)</source>
        <translation>safetensors 파일 (*.safetensors)</translation>
    </message>
</context>
<context>
    <name>Dressing</name>
    <message>
        <source>Overlays</source>
        <translation>오버레이</translation>
    </message>
    <message>
        <source>There is no presentation of this image.</source>
        <translation>이 영상에는 프레젠테이션 상태가 없습니다.</translation>
    </message>
    <message>
        <source>Shown as presented: {name}</source>
        <translation>프레젠테이션 상태대로 표시: {name}</translation>
    </message>
</context>
<context>
    <name>ExplanationsDesk</name>
    <message>
        <source>Checking the heat map</source>
        <translation>히트맵 확인</translation>
    </message>
</context>
<context>
    <name>ExplanationsDialog</name>
    <message>
        <source>Explanations side by side</source>
        <translation>설명 나란히 보기</translation>
    </message>
    <message>
        <source>Stent</source>
        <translation>스텐트</translation>
    </message>
    <message>
        <source>How far every two maps agree</source>
        <translation>두 히트맵이 일치하는 정도</translation>
    </message>
    <message>
        <source>How far every two maps agree: what their hottest tenths have in common, {c} % by chance. Maps of one model can agree and be wrong together.</source>
        <translation>두 히트맵이 일치하는 정도: 가장 강한 10분의 1끼리 겹치는 비율이며 우연이면 {c} %입니다. 같은 모델의 히트맵은 일치하면서 함께 틀릴 수 있습니다.</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>중지</translation>
    </message>
    <message>
        <source>For research use, not for primary diagnosis</source>
        <translation>연구용이며 일차 진단에 사용할 수 없음</translation>
    </message>
    <message>
        <source>Explaining</source>
        <translation>설명 중</translation>
    </message>
    <message>
        <source>{model}: making and checking each map…</source>
        <translation>{model}: 히트맵을 만들고 확인하는 중…</translation>
    </message>
    <message>
        <source>Ask the other models here too ({n})</source>
        <translation>설치된 다른 모델에도 묻기 ({n})</translation>
    </message>
    <message>
        <source>Stent {n}: {maker} {p}</source>
        <translation>스텐트 {n}: {maker} {p}</translation>
    </message>
    <message>
        <source>Stent {n}: unknown, nearest {maker}</source>
        <translation>스텐트 {n}: 알 수 없음, 가장 가까운 것 {maker}</translation>
    </message>
    <message>
        <source>about {maker}, {p}</source>
        <translation>{maker}에 대해, {p}</translation>
    </message>
    <message>
        <source>says {maker}, {p}</source>
        <translation>{maker}(으)로 판독, {p}</translation>
    </message>
    <message>
        <source>holds</source>
        <translation>믿을 수 있음</translation>
    </message>
    <message>
        <source>doubtful</source>
        <translation>의심스러움</translation>
    </message>
    <message>
        <source>cannot be told</source>
        <translation>알 수 없음</translation>
    </message>
    <message>
        <source>Rank correlation over all that both maps cover: {r}</source>
        <translation>두 히트맵이 함께 덮는 영역의 순위 상관: {r}</translation>
    </message>
</context>
<context>
    <name>ExplanationsView</name>
    <message>
        <source>Explain in a second way</source>
        <translation>다른 방법으로도 설명</translation>
    </message>
    <message>
        <source>The model is asked some fifty times more, with one place after the other covered. This takes some seconds.</source>
        <translation>영상의 부분을 하나씩 가려 가며 모델에 오십 번쯤 더 묻습니다. 몇 초 걸립니다.</translation>
    </message>
    <message>
        <source>Compare all explanations…</source>
        <translation>모든 설명 비교…</translation>
    </message>
    <message>
        <source>Grad-CAM, Grad-CAM++, occlusion and, where the model has it, attention, each checked; and what the other models here look at.</source>
        <translation>Grad-CAM, Grad-CAM++, 가림, 그리고 모델에 있으면 어텐션을 각각 확인하여 보여 주고, 설치된 다른 모델이 보는 곳도 비교합니다.</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>중지</translation>
    </message>
    <message>
        <source>Covering one place after the other…</source>
        <translation>부분을 하나씩 가려 보는 중…</translation>
    </message>
    <message>
        <source>Lay this map over the image</source>
        <translation>이 히트맵을 영상에 겹쳐 보기</translation>
    </message>
    <message>
        <source>Hot where blurring the place lowered the model&apos;s probability for this maker.</source>
        <translation>흐리게 했을 때 이 제조사에 대한 모델의 확률이 낮아진 부분을 표시합니다.</translation>
    </message>
    <message>
        <source>Hot where the network&apos;s last layer speaks for this maker.</source>
        <translation>신경망의 마지막 층이 이 제조사를 뒷받침하는 부분을 표시합니다.</translation>
    </message>
    <message>
        <source>Rank correlation over all that both maps cover: {r}</source>
        <translation>두 히트맵이 겹치는 전체 영역의 순위 상관: {r}</translation>
    </message>
    <message>
        <source>Covering any one place did not lower the model&apos;s probability noticeably, so the second map is empty. The first map stands alone.</source>
        <translation>어느 부분을 가려도 모델의 확률이 뚜렷이 낮아지지 않아 두 번째 히트맵이 비어 있습니다. 첫 번째 히트맵은 다른 방법으로 확인되지 않았습니다.</translation>
    </message>
    <message>
        <source>The two maps cannot be compared: one of them shows no heat.</source>
        <translation>한쪽 히트맵이 비어 있어 비교할 수 없습니다.</translation>
    </message>
    <message>
        <source>The hottest tenths of both maps have {p} % in common; by chance it would be {c} %. Maps that agree can be wrong together: both ask the same model.</source>
        <translation>두 히트맵에서 값이 가장 높은 10분의 1끼리 {p} % 겹칩니다(우연이면 {c} %). 둘 다 같은 모델에 물은 것이므로, 서로 일치해도 함께 틀릴 수 있습니다.</translation>
    </message>
    <message>
        <source>{p} % of the second map&apos;s heat lies in the stent&apos;s box.</source>
        <translation>두 번째 히트맵 값의 {p} %가 스텐트 상자 안에 있습니다.</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>What the chosen view shows, all its frames</source>
        <translation>선택한 칸의 영상, 모든 프레임</translation>
    </message>
    <message>
        <source>The whole study</source>
        <translation>검사 전체</translation>
    </message>
    <message>
        <source>With the patient&apos;s name and ID, study date, UIDs and the notes</source>
        <translation>환자 이름과 번호, 검사 날짜, UID, 메모 포함</translation>
    </message>
    <message>
        <source>Without these the file names the image&apos;s number here, and the reader.</source>
        <translation>포함하지 않으면 파일에 이 프로그램의 영상 번호와 판독자 이름만 적힙니다.</translation>
    </message>
    <message>
        <source>Choose the file…</source>
        <translation>파일 선택…</translation>
    </message>
</context>
<context>
    <name>FactRow</name>
    <message>
        <source>Change…</source>
        <translation>변경…</translation>
    </message>
    <message>
        <source>Change: {fact}</source>
        <translation>변경: {fact}</translation>
    </message>
    <message>
        <source>Empty: not known</source>
        <translation>빈칸: 알 수 없음</translation>
    </message>
    <message>
        <source>Source: who says so, in which paper, of which date</source>
        <translation>출처: 누가, 어느 문서에서, 언제</translation>
    </message>
    <message>
        <source>Address, if there is one</source>
        <translation>주소(있으면)</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>저장</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Back to the program&apos;s text</source>
        <translation>프로그램의 글로 되돌리기</translation>
    </message>
    <message>
        <source>Not known to this program</source>
        <translation>이 프로그램은 알지 못함</translation>
    </message>
    <message>
        <source>Source: {source}</source>
        <translation>출처: {source}</translation>
    </message>
    <message>
        <source>Written at this site by {by}, {day}.</source>
        <translation>이 병원에서 {by} 작성, {day}.</translation>
    </message>
    <message>
        <source>Taken away at this site by {by}, {day}.</source>
        <translation>이 병원에서 {by} 삭제, {day}.</translation>
    </message>
    <message>
        <source>somebody</source>
        <translation>누군가</translation>
    </message>
    <message>
        <source>Take this away</source>
        <translation>지우기</translation>
    </message>
    <message>
        <source>A fact needs its source.</source>
        <translation>사실에는 출처가 필요합니다.</translation>
    </message>
</context>
<context>
    <name>Fidelity</name>
    <message>
        <source>interpolated, {n} × enlarged</source>
        <translation>보간하여 {n}배 확대</translation>
    </message>
    <message>
        <source>scaled down, {n} stored pixels in each on the screen</source>
        <translation>저장된 픽셀 {n}개를 한 픽셀로 축소</translation>
    </message>
    <message>
        <source>interpolated, pixels made square</source>
        <translation>보간하여 픽셀을 정사각형으로 맞춤</translation>
    </message>
    <message>
        <source>filter: {name}</source>
        <translation>필터: {name}</translation>
    </message>
    <message>
        <source>colours: {name}</source>
        <translation>색상표: {name}</translation>
    </message>
    <message>
        <source>Not the pixel truth: {reasons}</source>
        <translation>원본 픽셀값이 아님: {reasons}</translation>
    </message>
    <message>
        <source>Fidelity: {reasons}</source>
        <translation>충실도: {reasons}</translation>
    </message>
    <message>
        <source>Every stored pixel</source>
        <translation>저장된 픽셀 그대로</translation>
    </message>
    <message>
        <source>1:1</source>
        <translation>1:1</translation>
    </message>
    <message>
        <source>Not the pixel truth · {n}</source>
        <translation>원본 픽셀값이 아님 · {n}</translation>
    </message>
    <message>
        <source>Fidelity · {n}</source>
        <translation>충실도 · {n}</translation>
    </message>
</context>
<context>
    <name>FidelityBadge</name>
    <message>
        <source>Not the pixel truth:</source>
        <translation>원본 픽셀값이 아님:</translation>
    </message>
    <message>
        <source>Passing, by the view:</source>
        <translation>지금 보기 방식에 따른 차이:</translation>
    </message>
</context>
<context>
    <name>Files</name>
    <message>
        <source>Open files</source>
        <translation>파일 열기</translation>
    </message>
    <message>
        <source>Open a folder</source>
        <translation>폴더 열기</translation>
    </message>
    <message>
        <source>Save the review in a folder</source>
        <translation>판독을 저장할 폴더 선택</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Not read</source>
        <translation>미판독</translation>
    </message>
    <message>
        <source>Studies with an image that is not yet read</source>
        <translation>아직 판독하지 않은 영상이 있는 검사</translation>
    </message>
    <message>
        <source>Disagree</source>
        <translation>불일치</translation>
    </message>
    <message>
        <source>Model and reader disagree</source>
        <translation>모델과 판독자의 답이 다름</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>최근</translation>
    </message>
    <message>
        <source>The studies that were opened last</source>
        <translation>최근에 연 검사</translation>
    </message>
    <message>
        <source>More</source>
        <translation>더 보기</translation>
    </message>
    <message>
        <source>Modality, maker, date</source>
        <translation>검사 종류, 제조사, 날짜</translation>
    </message>
    <message>
        <source>Filter: name, ID, date, maker</source>
        <translation>필터: 이름, 번호, 날짜, 제조사</translation>
    </message>
    <message>
        <source>Filter the worklist</source>
        <translation>워크리스트 필터</translation>
    </message>
    <message>
        <source>Words of a name, ID, date (2026-11), modality, maker or description.
Also: is:unread  is:disagree  is:recent  mod:XA  maker:EGIS
date:today  date:7d  date:2026-11-01..2026-11-20</source>
        <translation>이름, 환자 번호, 날짜(2026-11), 검사 종류, 제조사, 설명에 들어 있는 말.
다음도 쓸 수 있습니다: is:unread  is:disagree  is:recent  mod:XA  maker:EGIS
date:today  date:7d  date:2026-11-01..2026-11-20</translation>
    </message>
    <message>
        <source>The order of the worklist</source>
        <translation>워크리스트 정렬 순서</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>이름순</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>최신순</translation>
    </message>
    <message>
        <source>Oldest first</source>
        <translation>오래된 순</translation>
    </message>
    <message>
        <source>Not read first</source>
        <translation>미판독 먼저</translation>
    </message>
    <message>
        <source>Opened last first</source>
        <translation>최근 연 순</translation>
    </message>
    <message>
        <source>1 study</source>
        <translation>검사 1건</translation>
    </message>
    <message>
        <source>{n} studies</source>
        <translation>검사 {n}건</translation>
    </message>
    <message>
        <source>{shown} of {n} studies</source>
        <translation>검사 {n}건 중 {shown}건</translation>
    </message>
    <message>
        <source>Take {what} off the filter</source>
        <translation>필터에서 {what} 빼기</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>오늘</translation>
    </message>
    <message>
        <source>Last {n} days</source>
        <translation>최근 {n}일</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation>검사 종류</translation>
    </message>
    <message>
        <source>Maker</source>
        <translation>제조사</translation>
    </message>
    <message>
        <source>From – to…</source>
        <translation>기간 지정…</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>필터 지우기</translation>
    </message>
</context>
<context>
    <name>FindingBlock</name>
    <message>
        <source>Show images…</source>
        <translation>영상 보기…</translation>
    </message>
    <message>
        <source>Mask them…</source>
        <translation>가리기…</translation>
    </message>
    <message>
        <source>Count as one patient</source>
        <translation>한 환자로 보기</translation>
    </message>
    <message>
        <source>Leave out: {n}</source>
        <translation>제외: {n}</translation>
    </message>
</context>
<context>
    <name>FindingCard</name>
    <message>
        <source>Not excluded: {makers}</source>
        <translation>배제되지 않음: {makers}</translation>
    </message>
    <message>
        <source>Stent {n}</source>
        <translation>스텐트 {n}</translation>
    </message>
    <message>
        <source>Presence: the model&apos;s probability of a stent here</source>
        <translation>존재: 이곳에 스텐트가 있을 모델의 확률</translation>
    </message>
    <message>
        <source>shown alone</source>
        <translation>이것만 표시</translation>
    </message>
    <message>
        <source>presence {p}</source>
        <translation>존재 {p}</translation>
    </message>
    <message>
        <source>the model reads it as</source>
        <translation>모델의 판독</translation>
    </message>
    <message>
        <source>Not excluded: {makers} ({n} % of such sets hold the true maker)</source>
        <translation>배제되지 않음: {makers} (이런 묶음의 {n} %에 실제 제조사가 들어 있음)</translation>
    </message>
    <message>
        <source>Unknown design</source>
        <translation>알 수 없는 디자인</translation>
    </message>
    <message>
        <source>The model&apos;s probability, calibrated on its own test images</source>
        <translation>모델이 제시한 확률(모델 자체의 시험 영상으로 보정됨)</translation>
    </message>
    <message>
        <source>A design that this model does not know. Nearest is {maker}, but this stent lies {n} times as far from it as one of a known design may.</source>
        <translation>이 모델이 모르는 디자인입니다. 가장 가까운 것은 {maker}이지만, 아는 디자인에 허용되는 거리의 {n}배만큼 떨어져 있습니다.</translation>
    </message>
    <message>
        <source>No maker stands out. Nearest: {maker}, {p}.</source>
        <translation>뚜렷이 구별되는 제조사가 없습니다. 가장 가까운 제조사: {maker}, {p}.</translation>
    </message>
</context>
<context>
    <name>Findings</name>
    <message>
        <source>Has to be put right</source>
        <translation>바로잡아야 함</translation>
    </message>
    <message>
        <source>Would make the result doubtful</source>
        <translation>결과를 의심스럽게 함</translation>
    </message>
    <message>
        <source>Worth a look</source>
        <translation>살펴볼 것</translation>
    </message>
</context>
<context>
    <name>FirstRunDialog</name>
    <message>
        <source>Welcome</source>
        <translation>시작하기</translation>
    </message>
    <message>
        <source>Opens a patient&apos;s images before a reintervention, says which manufacturer&apos;s metal stents a model sees in the bile duct, shows where the model looked, and keeps what you decide. Everything stays on this computer.</source>
        <translation>재시술 전에 환자의 영상을 열어, 담관에 어느 제조사의 금속 스텐트가 있는지에 대한 모델의 판독과 모델이 본 부분을 보여 주고, 사용자의 판단을 기록합니다. 모든 내용은 이 컴퓨터에만 남습니다.</translation>
    </message>
    <message>
        <source>For research use, not for primary diagnosis. The model that comes with it was trained on simulated stents only: on real images its answers are a demonstration. A stent of a design that it does not know may get a name that is wrong.</source>
        <translation>연구용이며 일차 진단에 사용할 수 없습니다. 함께 제공되는 모델은 모의 스텐트만으로 학습했으므로 실제 영상에 대한 답은 시연일 뿐입니다. 모델이 모르는 디자인의 스텐트에는 틀린 이름이 붙을 수 있습니다.</translation>
    </message>
    <message>
        <source>Open files…</source>
        <translation>파일 열기…</translation>
    </message>
    <message>
        <source>Open the example patient</source>
        <translation>예제 환자 열기</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>시작</translation>
    </message>
</context>
<context>
    <name>FoldTable</name>
    <message>
        <source>Fold</source>
        <translation>겹(fold)</translation>
    </message>
    <message>
        <source>State</source>
        <translation>상태</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>정확도</translation>
    </message>
    <message>
        <source>F1</source>
        <translation>F1</translation>
    </message>
    <message>
        <source>Folds</source>
        <translation>겹(fold)</translation>
    </message>
    <message>
        <source>Final model</source>
        <translation>최종 모델</translation>
    </message>
    <message>
        <source>done</source>
        <translation>완료</translation>
    </message>
    <message>
        <source>epoch {epoch} of {epochs}</source>
        <translation>{epochs} 에포크 중 {epoch}</translation>
    </message>
</context>
<context>
    <name>FrameReview</name>
    <message>
        <source>Opening the image</source>
        <translation>영상을 여는 중</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>라이브러리</translation>
    </message>
    <message>
        <source>The reading failed.</source>
        <translation>판독하지 못했습니다.</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>판독 중</translation>
    </message>
    <message>
        <source>Explaining</source>
        <translation>설명 계산 중</translation>
    </message>
    <message>
        <source>Saving the review</source>
        <translation>판독을 저장하는 중</translation>
    </message>
</context>
<context>
    <name>GroupOffer</name>
    <message>
        <source>Images whose stents were read as unknown and look like one design: {images}, of {patients} patients.</source>
        <translation>알 수 없는 것으로 판독되었고 한 디자인으로 보이는 영상: {images}장, 환자 {patients}명.</translation>
    </message>
    <message>
        <source>Learn from these</source>
        <translation>이 영상들로 학습</translation>
    </message>
</context>
<context>
    <name>HeatControls</name>
    <message>
        <source>Heat map strength</source>
        <translation>히트맵 세기</translation>
    </message>
    <message>
        <source>Heat below this share of the hottest place is hidden</source>
        <translation>최댓값에 대한 비율이 이보다 낮은 부분은 숨깁니다</translation>
    </message>
    <message>
        <source>Heat map colours</source>
        <translation>히트맵 색상표</translation>
    </message>
    <message>
        <source>Heat map colours. All three are even in brightness; cividis looks the same to people with colour blindness.</source>
        <translation>히트맵 색상표. 셋 다 밝기가 고르게 변하며, cividis는 색각 이상이 있어도 똑같이 보입니다.</translation>
    </message>
    <message>
        <source>Strength</source>
        <translation>세기</translation>
    </message>
    <message>
        <source>Hidden below</source>
        <translation>미만 숨김</translation>
    </message>
    <message>
        <source>{n} %</source>
        <translation>{n} %</translation>
    </message>
</context>
<context>
    <name>HelpDialog</name>
    <message>
        <source>Help</source>
        <translation>도움말</translation>
    </message>
    <message>
        <source>Search the help</source>
        <translation>도움말 검색</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>쪽</translation>
    </message>
    <message>
        <source>No page has these words.</source>
        <translation>이 낱말이 들어 있는 쪽이 없습니다.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>no key</source>
        <translation>(단축키 없음)</translation>
    </message>
</context>
<context>
    <name>HistogramPanel</name>
    <message>
        <source>Histogram with the window&apos;s limits</source>
        <translation>윈도우 경계가 표시된 히스토그램</translation>
    </message>
    <message>
        <source>Drag the limits, or between them. Arrow keys: level and width; with Shift ten times as far.</source>
        <translation>경계나 그 사이를 끌어서 조절합니다. 화살표 키로 레벨과 너비를 바꾸며, Shift를 함께 누르면 열 배씩 바뀝니다.</translation>
    </message>
    <message>
        <source>Black at {low}, white at {high} {unit}</source>
        <translation>{low} 이하 검정, {high} {unit} 이상 흰색</translation>
    </message>
    <message>
        <source>No histogram of this image</source>
        <translation>이 영상에는 히스토그램이 없습니다</translation>
    </message>
    <message>
        <source>VOI LUT of the file</source>
        <translation>파일의 VOI LUT</translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>Time line</source>
        <translation>타임라인</translation>
    </message>
</context>
<context>
    <name>HowPage</name>
    <message>
        <source>Measure</source>
        <translation>측정</translation>
    </message>
    <message>
        <source>Stop measuring</source>
        <translation>측정 중지</translation>
    </message>
    <message>
        <source>How</source>
        <translation>어떻게</translation>
    </message>
    <message>
        <source>Quick needs no GPU. Each way is checked on the same folds of whole patients.</source>
        <translation>Quick에는 GPU가 필요 없습니다. 모든 방법을 환자 단위의 같은 겹으로 확인합니다.</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>계속</translation>
    </message>
    <message>
        <source>Start learning</source>
        <translation>학습 시작</translation>
    </message>
    <message>
        <source>These choices do not fit each other.</source>
        <translation>고른 내용이 서로 맞지 않습니다.</translation>
    </message>
    <message>
        <source>Measuring…</source>
        <translation>측정 중…</translation>
    </message>
    <message>
        <source>Waits to be measured.</source>
        <translation>측정 대기 중.</translation>
    </message>
    <message>
        <source>Not measured with these choices.</source>
        <translation>이 선택으로는 측정하지 않았습니다.</translation>
    </message>
    <message>
        <source>Measuring</source>
        <translation>측정 중</translation>
    </message>
    <message>
        <source>held back by the run “{name}”</source>
        <translation>학습 실행 “{name}”에서 남겨 둠</translation>
    </message>
    <message>
        <source>Preparing the run</source>
        <translation>학습 실행 준비 중</translation>
    </message>
</context>
<context>
    <name>ImageCanvas</name>
    <message>
        <source>X-ray image</source>
        <translation>X선 영상</translation>
    </message>
    <message>
        <source>Drop X-rays here, or press Ctrl+O</source>
        <translation>X선 영상을 여기에 끌어다 놓거나 Ctrl+O를 누르십시오</translation>
    </message>
    <message>
        <source>For research use, not for primary diagnosis</source>
        <translation>연구용이며 일차 진단에 사용할 수 없음</translation>
    </message>
    <message>
        <source>Research use only</source>
        <translation>연구용</translation>
    </message>
    <message>
        <source>{n} mm</source>
        <translation>{n} mm</translation>
    </message>
    <message>
        <source>{n} mm, detector plane</source>
        <translation>{n} mm, 검출기 평면</translation>
    </message>
    <message>
        <source>{n} mm, calibrated</source>
        <translation>{n} mm, 보정됨</translation>
    </message>
    <message>
        <source>{n} px</source>
        <translation>{n} px</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Previous frame or slice</source>
        <translation>이전 프레임 또는 단면</translation>
    </message>
    <message>
        <source>Next frame or slice</source>
        <translation>다음 프레임 또는 단면</translation>
    </message>
    <message>
        <source>Ten frames or slices</source>
        <translation>10프레임 또는 10단면 이동</translation>
    </message>
    <message>
        <source>First or last frame or slice</source>
        <translation>처음 또는 마지막 프레임이나 단면</translation>
    </message>
    <message>
        <source>Play or pause cine; held, drag moves the image</source>
        <translation>시네 재생 또는 일시정지, 누른 채 끌면 영상 이동</translation>
    </message>
    <message>
        <source>“{keys}”, kept for “{action}”, is no key.</source>
        <translation>“{action}”에 저장된 “{keys}”은(는) 사용할 수 없는 키입니다.</translation>
    </message>
    <message>
        <source>“{keys}”, kept for “{action}”, is used on the image itself.</source>
        <translation>“{action}”에 저장된 “{keys}”은(는) 영상 위에서 이미 쓰이는 키입니다.</translation>
    </message>
    <message>
        <source>“{keys}”, kept for “{action}”, is another action&apos;s already.</source>
        <translation>“{action}”에 저장된 “{keys}”은(는) 이미 다른 명령의 단축키입니다.</translation>
    </message>
</context>
<context>
    <name>LabelTable</name>
    <message>
        <source>Label</source>
        <translation>레이블</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>영상</translation>
    </message>
    <message>
        <source>Counts as</source>
        <translation>클래스</translation>
    </message>
    <message>
        <source>Labels of the images</source>
        <translation>영상의 레이블</translation>
    </message>
    <message>
        <source>What {label} counts as</source>
        <translation>{label} 레이블의 클래스</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>고르기…</translation>
    </message>
    <message>
        <source>New design “{name}”</source>
        <translation>새 디자인 “{name}”</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>제외</translation>
    </message>
</context>
<context>
    <name>LookAlikesView</name>
    <message>
        <source>Look-alikes</source>
        <translation>비슷한 스텐트</translation>
    </message>
    <message>
        <source>The nearest verified stents of each maker that is not excluded</source>
        <translation>배제되지 않은 제조사마다 가장 비슷한, 사람이 확인한 스텐트</translation>
    </message>
    <message>
        <source>About {maker}…</source>
        <translation>{maker} 정보…</translation>
    </message>
    <message>
        <source>What is known of this design, with its sources</source>
        <translation>이 디자인에 대해 알려진 것과 그 출처</translation>
    </message>
    <message>
        <source>Learn this design…</source>
        <translation>이 디자인 학습…</translation>
    </message>
    <message>
        <source>Read them with this model</source>
        <translation>이 모델로 판독</translation>
    </message>
    <message>
        <source>Looking for look-alikes…</source>
        <translation>비슷한 스텐트를 찾는 중…</translation>
    </message>
    <message>
        <source>Images whose stents were read as unknown and look like one design: {images}, of {patients} patients. This is one of them.</source>
        <translation>알 수 없는 것으로 판독되었고 한 디자인으로 보이는 영상: {images}장, 환자 {patients}명. 이 영상도 그중 하나입니다.</translation>
    </message>
    <message>
        <source>Stent {n} of this image</source>
        <translation>이 영상의 스텐트 {n}</translation>
    </message>
    <message>
        <source>Its pixel spacing is the patient&apos;s.</source>
        <translation>픽셀 간격은 환자 기준입니다.</translation>
    </message>
    <message>
        <source>Its pixel spacing was calibrated by a reader.</source>
        <translation>픽셀 간격은 판독자가 보정했습니다.</translation>
    </message>
    <message>
        <source>Its pixel spacing is the detector&apos;s.</source>
        <translation>픽셀 간격은 검출기 기준입니다.</translation>
    </message>
    <message>
        <source>This image has no pixel spacing.</source>
        <translation>이 영상에는 픽셀 간격이 없습니다.</translation>
    </message>
    <message>
        <source>Not turned: no axis is known of it.</source>
        <translation>축을 알 수 없어 세우지 못했습니다.</translation>
    </message>
    <message>
        <source>Similarity is what this model finds alike, 1 at most; it is no probability. Judge by eye.</source>
        <translation>유사도는 이 모델이 보기에 비슷한 정도로 최대 1이며 확률이 아닙니다. 눈으로 판단하십시오.</translation>
    </message>
</context>
<context>
    <name>Looking</name>
    <message>
        <source>No window preset of this image is on the key {n}.</source>
        <translation>이 영상에는 {n} 키에 정해진 윈도우 프리셋이 없습니다.</translation>
    </message>
    <message>
        <source>Window: {name}</source>
        <translation>윈도우: {name}</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>윈도우</translation>
    </message>
</context>
<context>
    <name>Magnifier</name>
    <message>
        <source>each stored pixel {n} × {n}</source>
        <translation>저장된 한 픽셀을 {n} × {n}(으)로</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Worklist</source>
        <translation>워크리스트</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>판독</translation>
    </message>
    <message>
        <source>Time line</source>
        <translation>타임라인</translation>
    </message>
    <message>
        <source>Window and histogram</source>
        <translation>윈도우와 히스토그램</translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation>계측</translation>
    </message>
    <message>
        <source>no model</source>
        <translation>모델 없음</translation>
    </message>
    <message>
        <source>Opening the library</source>
        <translation>라이브러리를 여는 중</translation>
    </message>
</context>
<context>
    <name>MeasuredCanvas</name>
    <message>
        <source>Measuring</source>
        <translation>계측 중</translation>
    </message>
</context>
<context>
    <name>MeasurementModel</name>
    <message>
        <source>Measurement</source>
        <translation>계측</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>프레임</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>메모</translation>
    </message>
    <message>
        <source>{reader}, {when}</source>
        <translation>{reader}, {when}</translation>
    </message>
</context>
<context>
    <name>Measurements</name>
    <message>
        <source>Length</source>
        <translation>길이</translation>
    </message>
    <message>
        <source>Angle</source>
        <translation>각도</translation>
    </message>
    <message>
        <source>Ellipse</source>
        <translation>타원</translation>
    </message>
    <message>
        <source>Rectangle</source>
        <translation>사각형</translation>
    </message>
    <message>
        <source>Polygon</source>
        <translation>다각형</translation>
    </message>
    <message>
        <source>Freehand</source>
        <translation>자유 곡선</translation>
    </message>
    <message>
        <source>Probe</source>
        <translation>한 점의 값</translation>
    </message>
    <message>
        <source>Stent</source>
        <translation>스텐트</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>보정</translation>
    </message>
    <message>
        <source>Drag, or click both ends. Shift keeps to 45°. Esc leaves.</source>
        <translation>끌거나 양 끝을 누르십시오. Shift: 45° 단위. Esc: 나가기.</translation>
    </message>
    <message>
        <source>Click one end, the vertex, the other end. Esc leaves.</source>
        <translation>한쪽 끝, 꼭짓점, 다른 쪽 끝을 차례로 누르십시오. Esc: 나가기.</translation>
    </message>
    <message>
        <source>Drag from corner to corner. Shift: circle. Esc leaves.</source>
        <translation>한 모서리에서 맞은편 모서리까지 끄십시오. Shift: 원. Esc: 나가기.</translation>
    </message>
    <message>
        <source>Drag from corner to corner. Shift: square. Esc leaves.</source>
        <translation>한 모서리에서 맞은편 모서리까지 끄십시오. Shift: 정사각형. Esc: 나가기.</translation>
    </message>
    <message>
        <source>Click from corner to corner; Enter or a double click ends. Esc leaves.</source>
        <translation>꼭짓점을 차례로 누르고 Enter나 두 번 누르기로 마치십시오. Esc: 나가기.</translation>
    </message>
    <message>
        <source>Drag round the region. Esc leaves.</source>
        <translation>영역의 둘레를 따라 끄십시오. Esc: 나가기.</translation>
    </message>
    <message>
        <source>Point for the value; click to keep it. Esc leaves.</source>
        <translation>가리키면 값이 보이고 누르면 저장됩니다. Esc: 나가기.</translation>
    </message>
    <message>
        <source>Click along the centre line; Enter or a double click ends. Esc leaves.</source>
        <translation>중심선을 따라 누르고 Enter나 두 번 누르기로 마치십시오. Esc: 나가기.</translation>
    </message>
    <message>
        <source>Draw a line over something of known length, such as a catheter. Esc leaves.</source>
        <translation>카테터처럼 길이를 아는 것 위에 선을 그으십시오. Esc: 나가기.</translation>
    </message>
    <message>
        <source>{n}, detector plane</source>
        <translation>{n}, 검출기 평면</translation>
    </message>
    <message>
        <source>{n}, calibrated</source>
        <translation>{n}, 보정됨</translation>
    </message>
    <message>
        <source>known length {n}, {spacing}</source>
        <translation>실제 길이 {n}, {spacing}</translation>
    </message>
    <message>
        <source>⌀ {low} to {high}, mean {mean}</source>
        <translation>⌀ {low}~{high}, 평균 {mean}</translation>
    </message>
    <message>
        <source>mean {mean} ± {deviation}</source>
        <translation>평균 {mean} ± {deviation}</translation>
    </message>
    <message>
        <source>min {low}, max {high}</source>
        <translation>최소 {low}, 최대 {high}</translation>
    </message>
    <message>
        <source>area {n}</source>
        <translation>면적 {n}</translation>
    </message>
    <message>
        <source>column {column}, row {row}</source>
        <translation>열 {column}, 행 {row}</translation>
    </message>
</context>
<context>
    <name>MeasurementsPanel</name>
    <message>
        <source>Nothing is measured here yet. Choose a tool from the Measure menu, or press L for a length.</source>
        <translation>아직 계측이 없습니다. 계측 메뉴에서 도구를 고르거나, L을 눌러 길이를 재십시오.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>제거</translation>
    </message>
    <message>
        <source>Export CSV…</source>
        <translation>CSV 내보내기…</translation>
    </message>
    <message>
        <source>Export JSON…</source>
        <translation>JSON 내보내기…</translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation>계측</translation>
    </message>
</context>
<context>
    <name>Measuring</name>
    <message>
        <source>Export measurements as CSV</source>
        <translation>계측을 CSV로 내보내기</translation>
    </message>
    <message>
        <source>Export measurements as JSON</source>
        <translation>계측을 JSON으로 내보내기</translation>
    </message>
    <message>
        <source>Measurements written: {n}, to {path}</source>
        <translation>계측 {n}건을 {path}에 저장했습니다</translation>
    </message>
    <message>
        <source>Exporting measurements</source>
        <translation>계측을 내보내는 중</translation>
    </message>
    <message>
        <source>Saving</source>
        <translation>저장 중</translation>
    </message>
    <message>
        <source>Undone: {what}</source>
        <translation>실행 취소: {what}</translation>
    </message>
    <message>
        <source>Redone: {what}</source>
        <translation>다시 실행: {what}</translation>
    </message>
    <message>
        <source>Removed: {what}. Ctrl+Z brings it back.</source>
        <translation>제거함: {what}. Ctrl+Z로 되돌릴 수 있습니다.</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>라이브러리</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>… and {n} more; point here to see all.</source>
        <translation>… 외 {n}건. 여기에 마우스를 올리면 모두 볼 수 있습니다.</translation>
    </message>
</context>
<context>
    <name>ModelsDialog</name>
    <message>
        <source>Models on this machine</source>
        <translation>이 컴퓨터의 모델</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>State</source>
        <translation>상태</translation>
    </message>
    <message>
        <source>Makers</source>
        <translation>제조사</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>When</source>
        <translation>일시</translation>
    </message>
    <message>
        <source>Decision</source>
        <translation>결정</translation>
    </message>
    <message>
        <source>By</source>
        <translation>결정자</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>이유</translation>
    </message>
    <message>
        <source>Decisions</source>
        <translation>결정 기록</translation>
    </message>
    <message>
        <source>Kept with the decision. Name no patient.</source>
        <translation>결정과 함께 보관됩니다. 환자 이름은 적지 마세요.</translation>
    </message>
    <message>
        <source>Remove the model…</source>
        <translation>모델 제거…</translation>
    </message>
    <message>
        <source>For a model that was learned here and reads no more. Its readings stay.</source>
        <translation>여기서 학습했고 더는 판독하지 않는 모델에만 씁니다. 그 모델의 판독은 남습니다.</translation>
    </message>
    <message>
        <source>Why go back?</source>
        <translation>되돌리는 이유</translation>
    </message>
    <message>
        <source>Who agrees?</source>
        <translation>동의자</translation>
    </message>
    <message>
        <source>For research use, not for primary diagnosis</source>
        <translation>연구용이며 일차 진단에 사용할 수 없음</translation>
    </message>
    <message>
        <source>{model} reads here.</source>
        <translation>{model}이(가) 여기서 판독합니다.</translation>
    </message>
    <message>
        <source>No model reads here.</source>
        <translation>여기서 판독하는 모델이 없습니다.</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>사용 중</translation>
    </message>
    <message>
        <source>not installed here</source>
        <translation>설치되지 않음</translation>
    </message>
    <message>
        <source>promoted</source>
        <translation>승격</translation>
    </message>
    <message>
        <source>rolled back to</source>
        <translation>되돌림</translation>
    </message>
    <message>
        <source>the program&apos;s own</source>
        <translation>프로그램 기본 모델</translation>
    </message>
    <message>
        <source>Roll back to {model}</source>
        <translation>{model}(으)로 되돌리기</translation>
    </message>
    <message>
        <source>Remove the model {model}?</source>
        <translation>모델 {model}을(를) 제거할까요?</translation>
    </message>
    <message>
        <source>Its readings stay, with its name and hash, but it can never read or explain again. This cannot be taken back.</source>
        <translation>이 모델의 판독은 이름과 해시와 함께 남지만, 다시 판독하거나 설명할 수 없습니다. 되돌릴 수 없습니다.</translation>
    </message>
    <message>
        <source>Remove the model</source>
        <translation>모델 제거</translation>
    </message>
    <message>
        <source>Removing the model</source>
        <translation>모델을 제거하는 중</translation>
    </message>
</context>
<context>
    <name>MoreImages</name>
    <message>
        <source>Find out</source>
        <translation>알아보기</translation>
    </message>
    <message>
        <source>Reads every image with the start model; takes about as long as Quick.</source>
        <translation>시작 모델로 모든 영상을 읽습니다. Quick만큼 걸립니다.</translation>
    </message>
</context>
<context>
    <name>Opener</name>
    <message>
        <source>Worklist</source>
        <translation>워크리스트</translation>
    </message>
    <message>
        <source>Opening the study</source>
        <translation>검사를 여는 중</translation>
    </message>
</context>
<context>
    <name>Page</name>
    <message>
        <source>Continue</source>
        <translation>계속</translation>
    </message>
</context>
<context>
    <name>Planes</name>
    <message>
        <source>Reading the slices</source>
        <translation>단면을 읽는 중</translation>
    </message>
</context>
<context>
    <name>Presets</name>
    <message>
        <source>Abdomen</source>
        <translation>복부</translation>
    </message>
    <message>
        <source>Liver</source>
        <translation>간</translation>
    </message>
    <message>
        <source>Bone</source>
        <translation>뼈</translation>
    </message>
    <message>
        <source>Lung</source>
        <translation>폐</translation>
    </message>
    <message>
        <source>Mediastinum</source>
        <translation>종격동</translation>
    </message>
    <message>
        <source>Brain</source>
        <translation>뇌</translation>
    </message>
    <message>
        <source>Angiography</source>
        <translation>혈관조영</translation>
    </message>
    <message>
        <source>Stroke</source>
        <translation>뇌졸중</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>자동</translation>
    </message>
    <message>
        <source>Full range</source>
        <translation>전체 범위</translation>
    </message>
</context>
<context>
    <name>PreviewDialog</name>
    <message>
        <source>What would be masked</source>
        <translation>가릴 부분</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>영상</translation>
    </message>
    <message>
        <source>Mask images: {n}</source>
        <translation>영상 가리기: {n}</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>{shown} of {total} images.</source>
        <translation>영상 {total}개 중 {shown}개.</translation>
    </message>
    <message>
        <source>Left as it is, right as it would be learned from. {shown} of {total} images are shown. The files themselves are not changed.</source>
        <translation>왼쪽은 원래 영상, 오른쪽은 학습에 쓰일 영상입니다. {total}개 중 {shown}개를 보여 줍니다. 파일은 바뀌지 않습니다.</translation>
    </message>
</context>
<context>
    <name>PromotePage</name>
    <message>
        <source>To consider</source>
        <translation>살펴볼 점</translation>
    </message>
    <message>
        <source>Kept with the decision. Name no patient.</source>
        <translation>결정과 함께 보관됩니다. 환자 이름은 적지 마세요.</translation>
    </message>
    <message>
        <source>Promote</source>
        <translation>승격</translation>
    </message>
    <message>
        <source>Compare with the model in force</source>
        <translation>사용 중인 모델과 비교</translation>
    </message>
    <message>
        <source>Runs the end of the run once more; the folds are kept.</source>
        <translation>학습의 마지막 단계만 다시 합니다. 각 겹(fold)은 그대로 둡니다.</translation>
    </message>
    <message>
        <source>Decided by</source>
        <translation>결정자</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>이유</translation>
    </message>
    <message>
        <source>Who agrees</source>
        <translation>동의자</translation>
    </message>
    <message>
        <source>Promote or not</source>
        <translation>승격 여부</translation>
    </message>
    <message>
        <source>A person decides which model reads here, and can take it back.</source>
        <translation>어떤 모델이 판독할지는 사람이 정하며, 되돌릴 수 있습니다.</translation>
    </message>
    <message>
        <source>Comparing the models</source>
        <translation>모델을 비교하는 중</translation>
    </message>
    <message>
        <source>The new model reads here: {model}.</source>
        <translation>새 모델이 여기서 판독합니다: {model}.</translation>
    </message>
    <message>
        <source>In force: {model}. The new model does not read here.</source>
        <translation>사용 중: {model}. 새 모델은 여기서 판독하지 않습니다.</translation>
    </message>
    <message>
        <source>No model reads here.</source>
        <translation>여기서 판독하는 모델이 없습니다.</translation>
    </message>
    <message>
        <source>Roll back to {model}</source>
        <translation>{model}(으)로 되돌리기</translation>
    </message>
    <message>
        <source>After that the model before reads again, from the next reading on. Readings made meanwhile keep the model that they were made with.</source>
        <translation>그 뒤에는 다음 판독부터 이전 모델이 다시 판독합니다. 그동안의 판독에는 판독한 모델이 그대로 남습니다.</translation>
    </message>
    <message>
        <source>After that the new model reads, from the next reading on. Readings made before keep the model that they were made with. The model before stays installed; one click brings it back.</source>
        <translation>그 뒤에는 다음 판독부터 새 모델이 판독합니다. 이전 판독에는 판독한 모델이 그대로 남습니다. 이전 모델은 계속 설치되어 있으며 한 번 눌러 되돌릴 수 있습니다.</translation>
    </message>
    <message>
        <source>Starting the run</source>
        <translation>학습을 시작하는 중</translation>
    </message>
</context>
<context>
    <name>ReaderDialog</name>
    <message>
        <source>Your name</source>
        <translation>판독자 이름</translation>
    </message>
    <message>
        <source>Labels and readings from now on are kept under this name:</source>
        <translation>지금부터 레이블과 판독 결과가 이 이름으로 저장됩니다:</translation>
    </message>
</context>
<context>
    <name>ReadingDesk</name>
    <message>
        <source>Stent {n} is</source>
        <translation>스텐트 {n}은(는)</translation>
    </message>
    <message>
        <source>On this image</source>
        <translation>이 영상에서</translation>
    </message>
    <message>
        <source>Several makers…</source>
        <translation>여러 제조사…</translation>
    </message>
</context>
<context>
    <name>ReadingPanel</name>
    <message>
        <source>For research use, not for primary diagnosis</source>
        <translation>연구용이며 일차 진단에 사용할 수 없음</translation>
    </message>
    <message>
        <source>Read with another model</source>
        <translation>다른 모델로 판독</translation>
    </message>
    <message>
        <source>{model}  (in use)</source>
        <translation>{model}  (사용 중)</translation>
    </message>
    <message>
        <source>Stents</source>
        <translation>스텐트</translation>
    </message>
    <message>
        <source>frame {n}</source>
        <translation>프레임 {n}</translation>
    </message>
    <message>
        <source>No image on the screen.</source>
        <translation>표시된 영상이 없습니다.</translation>
    </message>
    <message>
        <source>The model reads radiographs, not this kind of image.</source>
        <translation>모델은 X선 영상만 판독하며, 이 종류의 영상은 판독하지 않습니다.</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>판독 중…</translation>
    </message>
    <message>
        <source>Could not be read. {reason}</source>
        <translation>판독할 수 없습니다. {reason}</translation>
    </message>
    <message>
        <source>Not read. {reason}
This does not say that there is no stent.</source>
        <translation>판독하지 않았습니다. {reason}
스텐트가 없다는 뜻은 아닙니다.</translation>
    </message>
    <message>
        <source>The model found no stent. It may have missed one.</source>
        <translation>모델이 스텐트를 찾지 못했습니다. 놓쳤을 수도 있습니다.</translation>
    </message>
    <message>
        <source>Not read yet. Press R to read this image.</source>
        <translation>아직 판독하지 않았습니다. R을 누르면 이 영상을 판독합니다.</translation>
    </message>
    <message>
        <source>The model is reading this image.</source>
        <translation>모델이 이 영상을 판독하고 있습니다.</translation>
    </message>
    <message>
        <source>The model has read this image.</source>
        <translation>모델이 이 영상을 판독했습니다.</translation>
    </message>
    <message>
        <source>The model has not read this image yet.</source>
        <translation>모델이 아직 이 영상을 판독하지 않았습니다.</translation>
    </message>
    <message>
        <source>Sealed reading: you answer first, then the model&apos;s answer is shown.</source>
        <translation>봉인 판독: 먼저 답하면 모델의 답이 표시됩니다.</translation>
    </message>
    <message>
        <source>Model {name}  ·  {short}</source>
        <translation>모델 {name}  ·  {short}</translation>
    </message>
    <message>
        <source>{s} s on {device}</source>
        <translation>{s}초, {device}</translation>
    </message>
    <message>
        <source>Read {time}</source>
        <translation>판독 일시 {time}</translation>
    </message>
    <message>
        <source>Heat map: {method}</source>
        <translation>히트맵: {method}</translation>
    </message>
    <message>
        <source>Trained on: {data}</source>
        <translation>학습 자료: {data}</translation>
    </message>
    <message>
        <source>By another model than the one in use now; press R to read again.</source>
        <translation>현재 사용 중인 모델과 다른 모델의 판독입니다. R을 누르면 다시 판독합니다.</translation>
    </message>
    <message>
        <source>No label yet.</source>
        <translation>아직 레이블이 없습니다.</translation>
    </message>
    <message>
        <source>Not answered yet.</source>
        <translation>아직 확인하지 않았습니다.</translation>
    </message>
    <message>
        <source>Label taken back by {by}, {time}.</source>
        <translation>레이블이 취소되었습니다: {by}, {time}.</translation>
    </message>
    <message>
        <source>{maker}: accepted by {by}, {time}.</source>
        <translation>{maker}: {by} 수락, {time}.</translation>
    </message>
    <message>
        <source>{maker}: answered by {by} before the model&apos;s answer was shown, {time}.</source>
        <translation>{maker}: 모델의 답을 보기 전 {by}의 답, {time}.</translation>
    </message>
    <message>
        <source>{maker}: chosen by {by}, {time}.</source>
        <translation>{maker}: {by} 선택, {time}.</translation>
    </message>
    <message>
        <source>The model had said: {words}.</source>
        <translation>당시 모델의 판독: {words}.</translation>
    </message>
    <message>
        <source>Before:</source>
        <translation>이전 기록:</translation>
    </message>
    <message>
        <source>no label</source>
        <translation>레이블 없음</translation>
    </message>
</context>
<context>
    <name>RemoveDialog</name>
    <message>
        <source>Remove from the library</source>
        <translation>라이브러리에서 제거</translation>
    </message>
    <message>
        <source>The files stay where they are. Readings and labels are kept: when the files are opened again, everything is back.</source>
        <translation>파일은 그 자리에 그대로 있습니다. 판독과 레이블도 보관되어, 파일을 다시 열면 모두 되돌아옵니다.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>제거</translation>
    </message>
    <message>
        <source>Remove this image from the library?</source>
        <translation>이 영상을 라이브러리에서 제거하시겠습니까?</translation>
    </message>
    <message>
        <source>Remove this series of {images} images from the library?</source>
        <translation>이 시리즈(영상 {images}장)를 라이브러리에서 제거하시겠습니까?</translation>
    </message>
    <message>
        <source>Remove this study from the library? Images: {images}.</source>
        <translation>이 검사를 라이브러리에서 제거하시겠습니까? 영상 {images}장.</translation>
    </message>
    <message>
        <source>Remove {studies} studies from the library? Images: {images}.</source>
        <translation>검사 {studies}건을 라이브러리에서 제거하시겠습니까? 영상 {images}장.</translation>
    </message>
</context>
<context>
    <name>ResultPage</name>
    <message>
        <source>Save as PDF…</source>
        <translation>PDF로 저장…</translation>
    </message>
    <message>
        <source>Save as HTML…</source>
        <translation>HTML로 저장…</translation>
    </message>
    <message>
        <source>Go to a part of the result</source>
        <translation>결과의 한 부분으로 가기</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>결과</translation>
    </message>
    <message>
        <source>Opening the result…</source>
        <translation>결과를 여는 중…</translation>
    </message>
    <message>
        <source>The result cannot be shown.</source>
        <translation>결과를 표시할 수 없습니다.</translation>
    </message>
    <message>
        <source>Opening the result</source>
        <translation>결과를 여는 중</translation>
    </message>
    <message>
        <source>Go to…</source>
        <translation>이동…</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>보고서 저장</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>HTML page (*.html)</source>
        <translation>HTML 페이지 (*.html)</translation>
    </message>
    <message>
        <source>The report was saved: {file}</source>
        <translation>보고서를 저장했습니다: {file}</translation>
    </message>
    <message>
        <source>Look at its pictures for burned-in names before handing it on.</source>
        <translation>전달하기 전에 그림에 이름이 새겨져 있지 않은지 확인하세요.</translation>
    </message>
    <message>
        <source>Saving the report</source>
        <translation>보고서를 저장하는 중</translation>
    </message>
</context>
<context>
    <name>ResultSetsView</name>
    <message>
        <source>Show and compare</source>
        <translation>표시하고 비교</translation>
    </message>
    <message>
        <source>Tick two to compare them.</source>
        <translation>두 개를 선택하면 비교합니다.</translation>
    </message>
    <message>
        <source>Results: {n}</source>
        <translation>결과 {n}건</translation>
    </message>
    <message>
        <source>Results: {n}, agreeing</source>
        <translation>결과 {n}건, 일치</translation>
    </message>
    <message>
        <source>Results: {n}, differing</source>
        <translation>결과 {n}건, 불일치</translation>
    </message>
    <message>
        <source>{a} and {b} agree.</source>
        <translation>{a}, {b}: 서로 일치합니다.</translation>
    </message>
    <message>
        <source>{a} and {b} differ.</source>
        <translation>{a}, {b}: 서로 다릅니다.</translation>
    </message>
    <message>
        <source>{a} and {b} cannot be compared: one cannot tell.</source>
        <translation>{a}, {b}: 한쪽이 판단할 수 없어 비교할 수 없습니다.</translation>
    </message>
    <message>
        <source>{name} says there is no stent.</source>
        <translation>{name}: 스텐트가 없다고 답했습니다.</translation>
    </message>
    <message>
        <source>Stent {n} only by {name}: {maker}</source>
        <translation>스텐트 {n}, {name}에만 있음: {maker}</translation>
    </message>
    <message>
        <source>Stent {n}, same maker: {a} – {b}</source>
        <translation>스텐트 {n}, 같은 제조사: {a} – {b}</translation>
    </message>
    <message>
        <source>Stent {n}, other maker: {a} – {b}</source>
        <translation>스텐트 {n}, 다른 제조사: {a} – {b}</translation>
    </message>
    <message>
        <source>boxes overlap by {p} %</source>
        <translation>상자 겹침 {p} %</translation>
    </message>
</context>
<context>
    <name>RunChoice</name>
    <message>
        <source>Change and learn again</source>
        <translation>바꾸어 다시 학습</translation>
    </message>
    <message>
        <source>Begin with nothing chosen</source>
        <translation>처음부터 고르기</translation>
    </message>
    <message>
        <source>Runs that have not ended</source>
        <translation>끝나지 않은 학습 실행</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>열기</translation>
    </message>
    <message>
        <source>A run has not ended. It can go on.</source>
        <translation>끝나지 않은 학습 실행이 있습니다. 이어서 할 수 있습니다.</translation>
    </message>
    <message>
        <source>These are the choices of the run “{name}”.</source>
        <translation>학습 실행 “{name}”의 선택입니다.</translation>
    </message>
</context>
<context>
    <name>RunCurves</name>
    <message>
        <source>Final model</source>
        <translation>최종 모델</translation>
    </message>
    <message>
        <source>Fold {n}</source>
        <translation>{n}번째 겹(fold)</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>에포크</translation>
    </message>
    <message>
        <source>loss, learning</source>
        <translation>손실(학습)</translation>
    </message>
    <message>
        <source>loss, check</source>
        <translation>손실(확인)</translation>
    </message>
    <message>
        <source>On images not learned from</source>
        <translation>학습하지 않은 영상에서</translation>
    </message>
    <message>
        <source>accuracy</source>
        <translation>정확도</translation>
    </message>
    <message>
        <source>F1</source>
        <translation>F1</translation>
    </message>
    <message>
        <source>Folds</source>
        <translation>겹(fold)</translation>
    </message>
</context>
<context>
    <name>RunPage</name>
    <message>
        <source>How far the run is</source>
        <translation>학습 진행</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>일시정지</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>중지</translation>
    </message>
    <message>
        <source>Go on with the run</source>
        <translation>학습 이어 하기</translation>
    </message>
    <message>
        <source>Delete the run…</source>
        <translation>학습 삭제…</translation>
    </message>
    <message>
        <source>Folds</source>
        <translation>겹(fold)</translation>
    </message>
    <message>
        <source>What the run said</source>
        <translation>학습이 알린 내용</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>학습</translation>
    </message>
    <message>
        <source>Opening the run</source>
        <translation>학습 실행 여는 중</translation>
    </message>
    <message>
        <source>Starting the run</source>
        <translation>학습을 시작하는 중</translation>
    </message>
    <message>
        <source>Delete the run “{name}”?</source>
        <translation>“{name}” 학습을 삭제할까요?</translation>
    </message>
    <message>
        <source>What it learned so far is lost. Its choices stay and can be changed. Models that were promoted stay, and so do your images.</source>
        <translation>지금까지 학습한 것은 사라집니다. 고른 설정은 남아 바꿀 수 있습니다. 승격된 모델과 영상은 그대로입니다.</translation>
    </message>
    <message>
        <source>Delete the run</source>
        <translation>학습 삭제</translation>
    </message>
    <message>
        <source>Deleting the run</source>
        <translation>학습을 삭제하는 중</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>계속하기</translation>
    </message>
    <message>
        <source>The run goes on while this window is closed. Closing stentviewer stops it; it can go on later.</source>
        <translation>이 창을 닫아도 학습은 계속됩니다. stentviewer를 닫으면 멈추며 나중에 이어 할 수 있습니다.</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>시작하는 중…</translation>
    </message>
    <message>
        <source>Another window or command works on this run. Follow it there, or stop it there first.</source>
        <translation>다른 창이나 명령이 이 학습을 진행하고 있습니다. 그곳에서 보거나 먼저 그곳에서 멈추세요.</translation>
    </message>
    <message>
        <source>Stops after this step…</source>
        <translation>이번 단계 뒤에 멈춥니다…</translation>
    </message>
    <message>
        <source>Waits after this step…</source>
        <translation>이번 단계 뒤에 기다립니다…</translation>
    </message>
    <message>
        <source>The run has not begun.</source>
        <translation>학습을 시작하지 않았습니다.</translation>
    </message>
    <message>
        <source>Learning.</source>
        <translation>학습 중입니다.</translation>
    </message>
    <message>
        <source>The run waits. It goes on when you say so.</source>
        <translation>학습이 기다립니다. 지시하면 계속합니다.</translation>
    </message>
    <message>
        <source>The run has stopped. What was done is kept, and it goes on from there.</source>
        <translation>학습이 멈췄습니다. 한 일은 보관되며 거기서부터 계속합니다.</translation>
    </message>
    <message>
        <source>The run could not go on. What was done is kept.</source>
        <translation>학습을 계속할 수 없었습니다. 한 일은 보관됩니다.</translation>
    </message>
    <message>
        <source>The run has ended. Its result is on the next page.</source>
        <translation>학습이 끝났습니다. 결과는 다음 쪽에 있습니다.</translation>
    </message>
    <message>
        <source>Epoch {epoch} of {epochs}</source>
        <translation>{epochs} 에포크 중 {epoch}</translation>
    </message>
    <message>
        <source>Fold {n}</source>
        <translation>{n}번째 겹(fold)</translation>
    </message>
    <message>
        <source>Final model</source>
        <translation>최종 모델</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>{time} 남음</translation>
    </message>
    <message>
        <source>{time} left for this part</source>
        <translation>이 부분은 {time} 남음</translation>
    </message>
    <message>
        <source>loss {loss}</source>
        <translation>손실 {loss}</translation>
    </message>
    <message>
        <source>learning rate {rate}</source>
        <translation>학습률 {rate}</translation>
    </message>
    <message>
        <source>{n} images a second</source>
        <translation>초당 영상 {n}개</translation>
    </message>
    <message>
        <source>{memory} of memory</source>
        <translation>메모리 {memory}</translation>
    </message>
</context>
<context>
    <name>Running</name>
    <message>
        <source>A run is learning. Stop it and close stentviewer?</source>
        <translation>학습 중입니다. 멈추고 stentviewer를 닫을까요?</translation>
    </message>
    <message>
        <source>What it has done is kept. It can go on when stentviewer is open again.</source>
        <translation>한 일은 보관됩니다. stentviewer를 다시 열면 이어 할 수 있습니다.</translation>
    </message>
    <message>
        <source>Stop the run and close</source>
        <translation>학습을 멈추고 닫기</translation>
    </message>
    <message>
        <source>Show the run</source>
        <translation>학습 보기</translation>
    </message>
    <message>
        <source>Learning waits</source>
        <translation>학습 대기 중</translation>
    </message>
    <message>
        <source>Learning · {time} left</source>
        <translation>학습 · {time} 남음</translation>
    </message>
    <message>
        <source>Learning · {stage}</source>
        <translation>학습 · {stage}</translation>
    </message>
    <message>
        <source>Learning</source>
        <translation>학습</translation>
    </message>
    <message>
        <source>The run “{name}” has ended.</source>
        <translation>“{name}” 학습이 끝났습니다.</translation>
    </message>
    <message>
        <source>The run “{name}” could not go on: {reason}</source>
        <translation>“{name}” 학습을 계속할 수 없었습니다: {reason}</translation>
    </message>
    <message>
        <source>The run “{name}” has stopped. It can go on.</source>
        <translation>“{name}” 학습이 멈췄습니다. 이어 할 수 있습니다.</translation>
    </message>
</context>
<context>
    <name>SettingRow</name>
    <message>
        <source>Reset</source>
        <translation>기본값으로</translation>
    </message>
    <message>
        <source>Reset {setting}</source>
        <translation>{setting} 기본값으로</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>설정</translation>
    </message>
    <message>
        <source>Find a setting</source>
        <translation>설정 찾기</translation>
    </message>
    <message>
        <source>No setting is called that.</source>
        <translation>그런 이름의 설정이 없습니다.</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>모두 기본값으로</translation>
    </message>
    <message>
        <source>Every setting as it came; shortcuts stay yours.</source>
        <translation>모든 설정을 기본값으로 되돌립니다. 단축키는 그대로 둡니다.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
</context>
<context>
    <name>SeveralDialog</name>
    <message>
        <source>Stents on this image</source>
        <translation>이 영상의 스텐트</translation>
    </message>
    <message>
        <source>Choose every maker of which there is a stent on this image.</source>
        <translation>이 영상에 스텐트가 있는 제조사를 모두 선택하십시오.</translation>
    </message>
</context>
<context>
    <name>SharpnessPlot</name>
    <message>
        <source>Shares of the images. Where the lines lie apart, the model may learn sharpness instead of stents.</source>
        <translation>영상의 비율입니다. 선이 서로 떨어져 있으면 모델이 스텐트 대신 선명도를 학습할 수 있습니다.</translation>
    </message>
    <message>
        <source>Sharpness of the images</source>
        <translation>영상의 선명도</translation>
    </message>
    <message>
        <source>Laplacian variance</source>
        <translation>라플라시안 분산</translation>
    </message>
    <message>
        <source>classes that are there</source>
        <translation>기존 클래스</translation>
    </message>
</context>
<context>
    <name>Sheet</name>
    <message>
        <source>The diameters follow the stent&apos;s edges. Drag the round handles to correct them.</source>
        <translation>지름은 스텐트 가장자리를 따릅니다. 고치려면 둥근 손잡이를 끄십시오.</translation>
    </message>
    <message>
        <source>No edges stand out. Drag a round handle to set the diameter.</source>
        <translation>가장자리가 뚜렷하지 않습니다. 둥근 손잡이를 끌어 지름을 정하십시오.</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keys and gestures</source>
        <translation>단축키와 마우스 조작</translation>
    </message>
    <message>
        <source>On the image</source>
        <translation>영상에서</translation>
    </message>
    <message>
        <source>Change the keys…</source>
        <translation>단축키 바꾸기…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>Window and level</source>
        <translation>윈도우 너비와 레벨</translation>
    </message>
    <message>
        <source>drag, with the right button beside a tool: right widens, down raises</source>
        <translation>끌기(도구를 고른 동안에는 오른쪽 단추로): 오른쪽은 넓게, 아래는 높게</translation>
    </message>
    <message>
        <source>Move the image</source>
        <translation>영상 이동</translation>
    </message>
    <message>
        <source>middle drag, Shift+drag or Space+drag</source>
        <translation>가운데 단추로 끌기, Shift+끌기 또는 Space+끌기</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>확대/축소</translation>
    </message>
    <message>
        <source>wheel, at the pointer</source>
        <translation>휠, 포인터 위치 기준</translation>
    </message>
    <message>
        <source>Step through frames</source>
        <translation>프레임 이동</translation>
    </message>
    <message>
        <source>Alt+wheel, arrow keys</source>
        <translation>Alt+휠, 화살표 키</translation>
    </message>
    <message>
        <source>Ten frames, first or last frame</source>
        <translation>10프레임 이동, 처음 또는 마지막 프레임</translation>
    </message>
    <message>
        <source>Page Up, Page Down, Home, End</source>
        <translation>Page Up, Page Down, Home, End</translation>
    </message>
    <message>
        <source>Play or pause cine</source>
        <translation>시네 재생 또는 일시 정지</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Space</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>화면에 맞춤</translation>
    </message>
    <message>
        <source>double click</source>
        <translation>두 번 누르기</translation>
    </message>
    <message>
        <source>Choose a maker after C</source>
        <translation>C를 누른 뒤 제조사 선택</translation>
    </message>
    <message>
        <source>1 to 9, or arrow keys and Enter</source>
        <translation>1~9, 또는 화살표 키와 Enter</translation>
    </message>
    <message>
        <source>Leave the filter</source>
        <translation>필터에서 나가기</translation>
    </message>
    <message>
        <source>Enter opens the first image, Esc clears</source>
        <translation>Enter는 첫 영상 열기, Esc는 지우기</translation>
    </message>
</context>
<context>
    <name>ShortcutsPage</name>
    <message>
        <source>Change the keys</source>
        <translation>단축키 바꾸기</translation>
    </message>
    <message>
        <source>Find an action or a key</source>
        <translation>명령이나 키 찾기</translation>
    </message>
    <message>
        <source>Press the new keys</source>
        <translation>새 단축키를 누르십시오</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>명령</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>단축키</translation>
    </message>
    <message>
        <source>On the image, fixed</source>
        <translation>영상 위에서(고정)</translation>
    </message>
    <message>
        <source>Use these keys</source>
        <translation>이 키로 바꾸기</translation>
    </message>
    <message>
        <source>Add to its keys</source>
        <translation>키 추가</translation>
    </message>
    <message>
        <source>No keys</source>
        <translation>키 없음</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>기본값으로</translation>
    </message>
    <message>
        <source>Take over</source>
        <translation>가져오기</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>취소</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>모두 기본값으로</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>닫기</translation>
    </message>
    <message>
        <source>Chosen by you</source>
        <translation>직접 선택함</translation>
    </message>
    <message>
        <source>Choose an action to change its keys.</source>
        <translation>단축키를 바꿀 명령을 선택하십시오.</translation>
    </message>
    <message>
        <source>no keys</source>
        <translation>단축키 없음</translation>
    </message>
    <message>
        <source>{action}: {keys}. Press the new keys in the field below.</source>
        <translation>{action}: {keys}. 아래 칸에서 새 단축키를 누르십시오.</translation>
    </message>
    <message>
        <source>{keys} always does this on the image: {use}. Press other keys.</source>
        <translation>{keys}은(는) 영상 위에서 항상 다음 동작을 합니다: {use}. 다른 키를 누르십시오.</translation>
    </message>
    <message>
        <source>{keys} is used by “{action}”.</source>
        <translation>{keys}은(는) “{action}”의 단축키입니다.</translation>
    </message>
</context>
<context>
    <name>SourceBlock</name>
    <message>
        <source>Worklist</source>
        <translation>워크리스트</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>폴더</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>표</translation>
    </message>
    <message>
        <source>HDF5</source>
        <translation>HDF5 파일</translation>
    </message>
    <message>
        <source>Images: {images}. Labels: {labels}.</source>
        <translation>영상: {images}. 레이블: {labels}.</translation>
    </message>
    <message>
        <source>Only to check the finished model</source>
        <translation>완성된 모델 확인에만 사용</translation>
    </message>
    <message>
        <source>External validation: nothing is learned from these images.</source>
        <translation>외부 검증: 이 영상으로는 학습하지 않습니다.</translation>
    </message>
    <message>
        <source>Take off</source>
        <translation>빼기</translation>
    </message>
    <message>
        <source>Take off {source}</source>
        <translation>{source} 빼기</translation>
    </message>
    <message>
        <source>Not used: {n}…</source>
        <translation>쓰지 않음: {n}…</translation>
    </message>
</context>
<context>
    <name>StepList</name>
    <message>
        <source>Steps</source>
        <translation>단계</translation>
    </message>
</context>
<context>
    <name>Steps</name>
    <message>
        <source>What changes</source>
        <translation>무엇이 바뀌나</translation>
    </message>
    <message>
        <source>Is the data fit?</source>
        <translation>데이터가 적합한가</translation>
    </message>
    <message>
        <source>How</source>
        <translation>어떻게</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>학습</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>결과</translation>
    </message>
    <message>
        <source>Promote or not</source>
        <translation>승격 여부</translation>
    </message>
</context>
<context>
    <name>Strip</name>
    <message>
        <source>No verified stent of this maker in this library yet.</source>
        <translation>이 라이브러리에는 아직 이 제조사로 확인된 스텐트가 없습니다.</translation>
    </message>
    <message>
        <source>Verified, but not read by this model yet: {n}.</source>
        <translation>확인되었으나 이 모델이 아직 판독하지 않음: {n}.</translation>
    </message>
    <message>
        <source>same patient</source>
        <translation>같은 환자</translation>
    </message>
    <message>
        <source>not shown</source>
        <translation>표시 못 함</translation>
    </message>
    <message>
        <source>not to scale</source>
        <translation>축척 다름</translation>
    </message>
    <message>
        <source>other plane</source>
        <translation>다른 평면</translation>
    </message>
    <message>
        <source>Another patient.</source>
        <translation>다른 환자입니다.</translation>
    </message>
    <message>
        <source>The same patient: it may be the very same stent.</source>
        <translation>같은 환자입니다. 바로 그 스텐트일 수 있습니다.</translation>
    </message>
    <message>
        <source>It is not known whose stents these are.</source>
        <translation>누구의 스텐트인지 알 수 없습니다.</translation>
    </message>
    <message>
        <source>Accepted by {by}, {day}.</source>
        <translation>{by} 수락, {day}.</translation>
    </message>
    <message>
        <source>Answered by {by} before the model, {day}.</source>
        <translation>{by}이(가) 모델보다 먼저 답함, {day}.</translation>
    </message>
    <message>
        <source>Chosen by {by}, {day}.</source>
        <translation>{by} 선택, {day}.</translation>
    </message>
    <message>
        <source>At the same scale in mm.</source>
        <translation>mm 축척이 같습니다.</translation>
    </message>
    <message>
        <source>At one scale in mm, but one is measured at the detector and the other in the patient: what is measured at the detector looks larger.</source>
        <translation>mm 축척은 같지만 하나는 검출기, 하나는 환자 안에서 잰 것입니다. 검출기에서 잰 것이 더 커 보입니다.</translation>
    </message>
    <message>
        <source>One of the two images has no pixel spacing: both stents are drawn equally long.</source>
        <translation>두 영상 가운데 하나에 픽셀 간격이 없어 두 스텐트를 같은 길이로 그렸습니다.</translation>
    </message>
    <message>
        <source>Similarity {n}, as this model sees it.</source>
        <translation>유사도 {n}, 이 모델이 보기에.</translation>
    </message>
    <message>
        <source>Image of {date}.</source>
        <translation>{date} 영상.</translation>
    </message>
    <message>
        <source>Not turned: no axis is known of it.</source>
        <translation>축을 알 수 없어 세우지 못했습니다.</translation>
    </message>
</context>
<context>
    <name>StudyList</name>
    <message>
        <source>Worklist</source>
        <translation>워크리스트</translation>
    </message>
</context>
<context>
    <name>Thumbnails</name>
    <message>
        <source>Images of the study</source>
        <translation>검사의 영상</translation>
    </message>
    <message>
        <source>Thumbnails</source>
        <translation>썸네일</translation>
    </message>
</context>
<context>
    <name>TileModel</name>
    <message>
        <source>Image {n}</source>
        <translation>영상 {n}</translation>
    </message>
    <message>
        <source>{n} images</source>
        <translation>영상 {n}장</translation>
    </message>
    <message>
        <source>{n} frames</source>
        <translation>{n}프레임</translation>
    </message>
    <message>
        <source>not yet read</source>
        <translation>미판독</translation>
    </message>
    <message>
        <source>read, no answer yet</source>
        <translation>판독됨, 미확인</translation>
    </message>
    <message>
        <source>accepted</source>
        <translation>수락됨</translation>
    </message>
    <message>
        <source>corrected</source>
        <translation>수정됨</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>Time line</source>
        <translation>타임라인</translation>
    </message>
    <message>
        <source>No patient on the screen.</source>
        <translation>표시된 환자가 없습니다.</translation>
    </message>
    <message>
        <source>No date</source>
        <translation>날짜 없음</translation>
    </message>
    <message>
        <source>and {n} more</source>
        <translation>외 {n}건</translation>
    </message>
    <message>
        <source>not read</source>
        <translation>미판독</translation>
    </message>
    <message>
        <source>reader</source>
        <translation>판독자</translation>
    </message>
    <message>
        <source>model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>unknown design</source>
        <translation>알 수 없는 디자인</translation>
    </message>
    <message>
        <source>+ {maker} ({who})</source>
        <translation>+ {maker} ({who})</translation>
    </message>
    <message>
        <source>{maker} ({who})</source>
        <translation>{maker} ({who})</translation>
    </message>
    <message>
        <source>not a kind of image it reads ({who})</source>
        <translation>판독하지 않는 종류의 영상 ({who})</translation>
    </message>
    <message>
        <source>no stent found ({who})</source>
        <translation>스텐트 못 찾음 ({who})</translation>
    </message>
    <message>
        <source>{n} d →</source>
        <translation>{n}일 →</translation>
    </message>
</context>
<context>
    <name>ViewerGrid</name>
    <message>
        <source>Drag an image here from the worklist</source>
        <translation>워크리스트에서 영상을 이곳으로 끌어오십시오</translation>
    </message>
</context>
<context>
    <name>ViewerPanel</name>
    <message>
        <source>Zoom {n} %</source>
        <translation>확대 {n} %</translation>
    </message>
    <message>
        <source>colour</source>
        <translation>컬러</translation>
    </message>
    <message>
        <source>VOI LUT of the file</source>
        <translation>파일의 VOI LUT</translation>
    </message>
    <message>
        <source>W {width}  L {centre}</source>
        <translation>W {width}  L {centre}</translation>
    </message>
    <message>
        <source>inverted</source>
        <translation>흑백 반전</translation>
    </message>
</context>
<context>
    <name>ViewerWindow</name>
    <message>
        <source>stentviewer: viewer</source>
        <translation>stentviewer: 뷰어</translation>
    </message>
</context>
<context>
    <name>Ways</name>
    <message>
        <source>Quick</source>
        <translation>Quick (빠르게)</translation>
    </message>
    <message>
        <source>The network stays as it is and only its last layer learns. Needs no GPU.</source>
        <translation>신경망은 그대로 두고 마지막 층만 학습합니다. GPU가 필요 없습니다.</translation>
    </message>
    <message>
        <source>Tuned</source>
        <translation>Tuned (조정)</translation>
    </message>
    <message>
        <source>The last part of the network learns too.</source>
        <translation>신경망의 뒷부분도 학습합니다.</translation>
    </message>
    <message>
        <source>Full</source>
        <translation>Full (전체)</translation>
    </message>
    <message>
        <source>The whole network learns, as published: 200 epochs. Made for a GPU.</source>
        <translation>논문대로 신경망 전체를 200 에포크 학습합니다. GPU용입니다.</translation>
    </message>
    <message>
        <source>Full, thorough</source>
        <translation>Full, 철저히</translation>
    </message>
    <message>
        <source>As published for the finest images: 1536 px, 500 epochs.</source>
        <translation>논문의 최고 해상도대로: 1536 px, 500 에포크.</translation>
    </message>
    <message>
        <source>Here {time}, up to {memory} of memory. Measured by a few steps.</source>
        <translation>여기서는 {time}, 메모리 최대 {memory}. 몇 단계를 실제로 측정했습니다.</translation>
    </message>
    <message>
        <source>This computer has {total}.</source>
        <translation>이 컴퓨터의 메모리는 {total}입니다.</translation>
    </message>
    <message>
        <source>about {n} s</source>
        <translation>약 {n}초</translation>
    </message>
    <message>
        <source>about {n} min</source>
        <translation>약 {n}분</translation>
    </message>
    <message>
        <source>about {n} h</source>
        <translation>약 {n}시간</translation>
    </message>
    <message>
        <source>about {n} days</source>
        <translation>약 {n}일</translation>
    </message>
</context>
<context>
    <name>WindowPanel</name>
    <message>
        <source>Window preset</source>
        <translation>윈도우 프리셋</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>윈도우</translation>
    </message>
</context>
<context>
    <name>Wizard</name>
    <message>
        <source>Learning</source>
        <translation>학습</translation>
    </message>
    <message>
        <source>Saving</source>
        <translation>저장 중</translation>
    </message>
</context>
<context>
    <name>WizardDialog</name>
    <message>
        <source>Learn a new stent design</source>
        <translation>새 스텐트 디자인 학습</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>뒤로</translation>
    </message>
    <message>
        <source>For research use, not for primary diagnosis. Images and labels stay here.</source>
        <translation>연구용이며 일차 진단용이 아닙니다. 영상과 레이블은 이 컴퓨터를 떠나지 않습니다.</translation>
    </message>
    <message>
        <source>{n} of {all}: {title}</source>
        <translation>{n}/{all}: {title}</translation>
    </message>
</context>
<context>
    <name>Worklist</name>
    <message>
        <source>No study fits the filter.</source>
        <translation>필터에 맞는 검사가 없습니다.</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>필터 지우기</translation>
    </message>
    <message>
        <source>Worklist</source>
        <translation>워크리스트</translation>
    </message>
    <message>
        <source>Images of the study</source>
        <translation>검사의 영상</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>열기</translation>
    </message>
    <message>
        <source>Remove from the library…</source>
        <translation>라이브러리에서 제거…</translation>
    </message>
    <message>
        <source>No images yet. Drop files or folders anywhere, or:</source>
        <translation>아직 영상이 없습니다. 파일이나 폴더를 창에 끌어다 놓거나 다음을 누르십시오.</translation>
    </message>
</context>
<context>
    <name>WorklistModel</name>
    <message>
        <source>Pictures without a patient</source>
        <translation>환자 정보가 없는 그림</translation>
    </message>
    <message>
        <source>Patient {n}</source>
        <translation>환자 {n}</translation>
    </message>
    <message>
        <source>1 study</source>
        <translation>검사 1건</translation>
    </message>
    <message>
        <source>{n} studies</source>
        <translation>검사 {n}건</translation>
    </message>
    <message>
        <source>1 image</source>
        <translation>영상 1장</translation>
    </message>
    <message>
        <source>model and reader disagree</source>
        <translation>모델과 판독자 불일치</translation>
    </message>
    <message>
        <source>not yet read</source>
        <translation>미판독</translation>
    </message>
    <message>
        <source>not yet read: {n} of {of} images</source>
        <translation>미판독: 영상 {of}장 중 {n}장</translation>
    </message>
    <message>
        <source>read, no answer yet: {n} of {of} images</source>
        <translation>판독됨, 미확인: 영상 {of}장 중 {n}장</translation>
    </message>
    <message>
        <source>answered</source>
        <translation>확인됨</translation>
    </message>
    <message>
        <source>answered: {n} of {of} images</source>
        <translation>확인됨: 영상 {of}장 중 {n}장</translation>
    </message>
    <message>
        <source>No date</source>
        <translation>날짜 없음</translation>
    </message>
    <message>
        <source>{n} images</source>
        <translation>영상 {n}장</translation>
    </message>
    <message>
        <source>read, no answer yet</source>
        <translation>판독됨, 미확인</translation>
    </message>
</context>
<context>
    <name>_Several</name>
    <message>
        <source>Nothing</source>
        <translation>없음</translation>
    </message>
</context>
<context>
    <name>window</name>
    <message>
        <source>Tools</source>
        <translation>도구</translation>
    </message>
</context>
</TS>

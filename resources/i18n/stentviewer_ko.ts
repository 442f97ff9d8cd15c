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
        <source>Fit</source>
        <translation>화면에 맞춤</translation>
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
        <source>Heat map</source>
        <translation>히트맵</translation>
    </message>
    <message>
        <source>Filter the worklist</source>
        <translation>워크리스트 필터</translation>
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
    <name>AuditDialog</name>
    <message>
        <source>library made</source>
        <translation>라이브러리 생성</translation>
    </message>
    <message>
        <source>library upgraded</source>
        <translation>라이브러리 업그레이드</translation>
    </message>
    <message>
        <source>image added</source>
        <translation>영상 추가</translation>
    </message>
    <message>
        <source>image moved</source>
        <translation>영상 위치 변경</translation>
    </message>
    <message>
        <source>reading saved</source>
        <translation>판독 저장</translation>
    </message>
    <message>
        <source>label accepted</source>
        <translation>레이블 수락</translation>
    </message>
    <message>
        <source>label corrected</source>
        <translation>레이블 수정</translation>
    </message>
    <message>
        <source>label cleared</source>
        <translation>레이블 삭제</translation>
    </message>
    <message>
        <source>undo</source>
        <translation>실행 취소</translation>
    </message>
    <message>
        <source>redo</source>
        <translation>다시 실행</translation>
    </message>
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
    <name>CineBar</name>
    <message>
        <source>Frame</source>
        <translation>프레임</translation>
    </message>
    <message>
        <source>Frame {n} / {total}</source>
        <translation>프레임 {n} / {total}</translation>
    </message>
    <message>
        <source>{n} per second</source>
        <translation>초당 {n}프레임</translation>
    </message>
    <message>
        <source>{n} per second, assumed</source>
        <translation>초당 {n}프레임(가정)</translation>
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
        <source>the model reads it as</source>
        <translation>모델의 판독</translation>
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
        <source>No maker stands out. Nearest: {maker}, {p}.</source>
        <translation>뚜렷이 구별되는 제조사가 없습니다. 가장 가까운 제조사: {maker}, {p}.</translation>
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
        <source>unknown design</source>
        <translation>알 수 없는 디자인</translation>
    </message>
    <message>
        <source>For research use, not for primary diagnosis</source>
        <translation>연구용이며 일차 진단에 사용할 수 없음</translation>
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
        <source>{n} px</source>
        <translation>{n} px</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Tools</source>
        <translation>도구</translation>
    </message>
    <message>
        <source>no model</source>
        <translation>모델 없음</translation>
    </message>
    <message>
        <source>Images added: {new}. Already known: {known}.</source>
        <translation>추가한 영상 {new}장, 이미 있는 영상 {known}장.</translation>
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
    <message>
        <source>Labels are now kept under the name {name}.</source>
        <translation>이제부터 라벨이 {name} 이름으로 저장됩니다.</translation>
    </message>
    <message>
        <source>Opening the library</source>
        <translation>라이브러리를 여는 중</translation>
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
    <name>ReaderDialog</name>
    <message>
        <source>Your name</source>
        <translation>판독자 이름</translation>
    </message>
    <message>
        <source>Labels and readings from now on are kept under this name:</source>
        <translation>지금부터 라벨과 판독 결과가 이 이름으로 저장됩니다:</translation>
    </message>
</context>
<context>
    <name>ReadingPanel</name>
    <message>
        <source>For research use, not for primary diagnosis</source>
        <translation>연구용이며 일차 진단에 사용할 수 없음</translation>
    </message>
    <message>
        <source>Heat map strength</source>
        <translation>히트맵 강도</translation>
    </message>
    <message>
        <source>Heat map colours</source>
        <translation>히트맵 색상표</translation>
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
        <source>Reading…</source>
        <translation>판독 중…</translation>
    </message>
    <message>
        <source>Could not be read. {reason}</source>
        <translation>판독할 수 없습니다. {reason}</translation>
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
    <name>Review</name>
    <message>
        <source>Model</source>
        <translation>모델</translation>
    </message>
    <message>
        <source>Worklist</source>
        <translation>워크리스트</translation>
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
        <source>Saving</source>
        <translation>저장 중</translation>
    </message>
    <message>
        <source>Saving the review</source>
        <translation>판독을 저장하는 중</translation>
    </message>
    <message>
        <source>Checking the library</source>
        <translation>라이브러리를 검사하는 중</translation>
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
        <source>Window and level</source>
        <translation>윈도우 너비와 레벨</translation>
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
        <source>drag: to the right widens, down raises the level</source>
        <translation>끌기: 오른쪽은 창 너비 증가, 아래쪽은 창 레벨 증가</translation>
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
    <message>
        <source>scaled</source>
        <translation>크기 조정됨</translation>
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
        <source>Fidelity: every stored pixel</source>
        <translation>충실도: 저장된 픽셀 그대로</translation>
    </message>
</context>
<context>
    <name>Worklist</name>
    <message>
        <source>Filter: name, ID, date, maker</source>
        <translation>필터: 이름, ID, 날짜, 제조사</translation>
    </message>
    <message>
        <source>Worklist</source>
        <translation>워크리스트</translation>
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
        <source>No date</source>
        <translation>날짜 없음</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>시리즈</translation>
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
</TS>

BEGIN TRANSACTION;
CREATE TABLE about (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "about" VALUES('program','0.1.0');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE audit (
	n INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	action TEXT NOT NULL, 
	target TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	data TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (n)
);
INSERT INTO "audit" VALUES(1,'2026-11-21T07:16:22.132537+00:00','kim','library made','library','schema version 1','{}','90935e26ad6b151acd4e4d9191ddc6e4ac7af11c35ba912f25cd3cd238e26897');
INSERT INTO "audit" VALUES(2,'2026-11-21T07:16:22.166038+00:00','kim','image added','image 1','DICOM, SHA-256 ca978112ca1b…','{"image":1,"sha256":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}','9f51878c34a4c69508ef15ebc566f5f78bf73c621c0663f8f0163dc1414bba57');
INSERT INTO "audit" VALUES(3,'2026-11-21T07:16:22.190126+00:00','kim','reading saved','image 1, frame 1','stent-demo-abababab said NITI-S 0.93, not excluded: EGIS','{"digest":"9c3b4db5e3618849e445e92bb9b98d4811ebca40e0f861dd33cefe1f3c7fa70c","reading":1}','4194925137c3aff1ac4e93d22180c9e26b636712e19f25c8de62a51334f17aba');
INSERT INTO "audit" VALUES(4,'2026-11-21T07:16:22.196155+00:00','kim','label corrected','image 1, frame 1','EGIS; the model had said EGIS 0.60','{"action":"corrected","at":"2026-11-21T06:31:00+00:00","by":"kim","frame":0,"image_id":1,"label":1,"maker":"EGIS","model_said":"EGIS 0.60","reading_id":1}','f747a122c8264ae6f3064116f0438b0d829ee302c5fc0f145731b6f4e14f493d');
INSERT INTO "audit" VALUES(5,'2026-11-21T07:16:22.199387+00:00','kim','label corrected','image 1, frame 1','NITI-S; the model had said EGIS 0.60','{"action":"corrected","at":"2026-11-21T06:31:00+00:00","by":"kim","frame":0,"image_id":1,"label":2,"maker":"NITI-S","model_said":"EGIS 0.60","reading_id":1}','c7b98ae48996dc2d44b8fafd01707305f5793a64a4b1f68107b42cfd58eaad35');
CREATE TABLE image (
	id INTEGER NOT NULL, 
	series_id INTEGER NOT NULL, 
	sop_uid TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	path TEXT NOT NULL, 
	rows INTEGER NOT NULL, 
	columns INTEGER NOT NULL, 
	frames INTEGER NOT NULL, 
	format TEXT NOT NULL, 
	has_dicom_truth BOOLEAN NOT NULL, 
	instance_number INTEGER, 
	identity JSON NOT NULL, 
	added TEXT NOT NULL, 
	thumbnail BLOB NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_image_sha256 UNIQUE (sha256), 
	FOREIGN KEY(series_id) REFERENCES series (id)
);
INSERT INTO "image" VALUES(1,1,'1.2.3.4.5','ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb','/images/a.dcm',512,640,3,'DICOM',1,7,'{"patient_id": "00123", "patient_name": "KIM^MINSU", "patient_name_ideographic": "\u91d1^\u6c11\u79c0", "birth_date": "1951-02-03", "sex": "M", "study_uid": "1.2.3", "study_date": "2026-11-20", "study_time": "09:30:00", "study_description": "ERCP", "accession_number": "A1", "series_uid": "1.2.3.4", "series_number": 2, "series_description": "spot", "modality": "XA", "body_part": "ABDOMEN", "sop_uid": "1.2.3.4.5", "instance_number": 7}','2026-11-21T07:16:22.158410+00:00',X'706E67');
CREATE TABLE label (
	id INTEGER NOT NULL, 
	image_id INTEGER NOT NULL, 
	frame INTEGER NOT NULL, 
	maker TEXT NOT NULL, 
	action TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	at TEXT NOT NULL, 
	reading_id INTEGER, 
	model_said TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(image_id) REFERENCES image (id), 
	FOREIGN KEY(reading_id) REFERENCES reading (id)
);
INSERT INTO "label" VALUES(1,1,0,'EGIS','corrected','kim','2026-11-21T06:31:00+00:00',1,'EGIS 0.60');
INSERT INTO "label" VALUES(2,1,0,'NITI-S','corrected','kim','2026-11-21T06:31:00+00:00',1,'EGIS 0.60');
CREATE TABLE patient (
	id INTEGER NOT NULL, 
	patient_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_ideographic TEXT NOT NULL, 
	birth_date TEXT NOT NULL, 
	sex TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "patient" VALUES(1,'00123','KIM^MINSU','金^民秀','1951-02-03','M');
CREATE TABLE reading (
	id INTEGER NOT NULL, 
	image_id INTEGER NOT NULL, 
	frame INTEGER NOT NULL, 
	task TEXT NOT NULL, 
	model_id TEXT NOT NULL, 
	model_sha256 TEXT NOT NULL, 
	model_name TEXT NOT NULL, 
	model_version TEXT NOT NULL, 
	device TEXT NOT NULL, 
	seconds JSON NOT NULL, 
	findings JSON NOT NULL, 
	notes JSON NOT NULL, 
	heat BLOB, 
	heat_rows INTEGER, 
	heat_columns INTEGER, 
	heat_extent JSON, 
	heat_method TEXT, 
	"by" TEXT NOT NULL, 
	created TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(image_id) REFERENCES image (id)
);
INSERT INTO "reading" VALUES(1,1,0,'stent-maker','stent-demo','abababababababababababababababababababababababababababababababab','Demo','1.0','onnxruntime · CPU','{"network": 0.2, "total": 0.25}','[{"maker": "NITI-S", "probability": 0.93, "scores": [{"label": "NITI-S", "probability": 0.93}, {"label": "EGIS", "probability": 0.06999999999999995}], "prediction_set": ["NITI-S", "EGIS"], "unknown": false, "box": {"x0": 0.1, "y0": 0.2, "x1": 0.3, "y1": 0.4}}]','["Simulated"]',X'789C6360E850EFD05EA6DBA1BFD56099E174A30E631B93AD26BAA6CB4CE5CCA69BF19B77983358D85854586CB5F868A16B9969B9CCF291A59C5594D574ABCB56FCD6DED61DD647AC196C002A0F16F5',5,7,'{"x0": -0.1, "y0": 0, "x1": 1.1, "y1": 1}','Grad-CAM','kim','2026-11-21T06:30:01.000025+00:00');
CREATE TABLE series (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	number INTEGER, 
	description TEXT NOT NULL, 
	modality TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_series_study_id_uid UNIQUE (study_id, uid), 
	FOREIGN KEY(study_id) REFERENCES study (id)
);
INSERT INTO "series" VALUES(1,1,'1.2.3.4',2,'spot','XA');
CREATE TABLE study (
	id INTEGER NOT NULL, 
	patient_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	date TEXT NOT NULL, 
	time TEXT NOT NULL, 
	description TEXT NOT NULL, 
	accession_number TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_study_patient_id_key UNIQUE (patient_id, "key"), 
	FOREIGN KEY(patient_id) REFERENCES patient (id)
);
INSERT INTO "study" VALUES(1,1,'1.2.3','1.2.3','2026-11-20','09:30:00','ERCP','A1');
CREATE INDEX ix_patient_patient_id ON patient (patient_id);
CREATE INDEX ix_image_series_id ON image (series_id);
CREATE INDEX ix_image_sop_uid ON image (sop_uid);
CREATE INDEX ix_reading_image_id_frame ON reading (image_id, frame);
CREATE INDEX ix_label_image_id_frame ON label (image_id, frame);
CREATE TRIGGER reading_no_update BEFORE UPDATE ON reading BEGIN SELECT RAISE(ABORT, 'reading rows are never changed'); END;
CREATE TRIGGER reading_no_delete BEFORE DELETE ON reading BEGIN SELECT RAISE(ABORT, 'reading rows are never changed'); END;
CREATE TRIGGER label_no_update BEFORE UPDATE ON label BEGIN SELECT RAISE(ABORT, 'label rows are never changed'); END;
CREATE TRIGGER label_no_delete BEFORE DELETE ON label BEGIN SELECT RAISE(ABORT, 'label rows are never changed'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
COMMIT;

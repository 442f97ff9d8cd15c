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
INSERT INTO "alembic_version" VALUES('0003');
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
INSERT INTO "audit" VALUES(1,'2026-11-21T21:53:27.443624+00:00','kim','library made','library','schema version 3','{}','da5890d1458910dd3e45cd2602fb83583219183d69b297f311c35c2252e61d60');
INSERT INTO "audit" VALUES(2,'2026-11-21T21:53:27.543410+00:00','kim','image added','image 1','DICOM, SHA-256 ca978112ca1b…','{"images":[[1,"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"]]}','c72fb0f85b4c90e9e8e0ebdd0053ab5900d1f041b0633b6ce79966de643ca3dd');
INSERT INTO "audit" VALUES(3,'2026-11-21T21:53:27.551965+00:00','kim','reading saved','image 1, frame 1','stent-demo-abababab said 2 stents: EGIS 0.93; Epic 0.93, not excluded: EGIS','{"digest":"310610adcec6e85580c7ce91a861d73c8c4b0d5c259c87b19bbf35f2c98f588a","findings":[[1,"91b0f123e6143bb25bd2cf725981c531447a0d7ec05fc4d6e4a4688765e22ae9"],[2,"b5cb7da11f5e4181df4828081f46bb4c200c2502d8c2a01838d7151191c13e15"]],"reading":1}','42683be410332ba86c5c051b11802a4ae28e6fc8f56fa0e514f0ae3b9cb17ff0');
INSERT INTO "audit" VALUES(4,'2026-11-21T21:53:27.556079+00:00','kim','label corrected','image 1, frame 1','EGIS + Epic; the model had said EGIS 0.60','{"action":"corrected","at":"2026-11-21T06:31:00+00:00","by":"kim","frame":0,"image_id":1,"label":1,"maker":"EGIS + Epic","model_said":"EGIS 0.60","reading_id":1}','19dcc6d2e3e5f04a3f01a36ff0644cf95de17801853307e602ce7096bc7334bb');
INSERT INTO "audit" VALUES(5,'2026-11-21T21:53:27.558891+00:00','kim','reading saved','image 1, frame 2','stent-demo-abababab said not read: This is a photograph.','{"digest":"861c9619c010fda79e07f3825881fb13298e0ca90b2df38c8beaa5d76556d4a8","reading":2}','eacd40111d7f29d131b6cb300fa1a4c28c72ce76b80387551f12460b6b341dc2');
CREATE TABLE explanation (
	id INTEGER NOT NULL, 
	reading_id INTEGER NOT NULL, 
	heat BLOB NOT NULL, 
	heat_rows INTEGER NOT NULL, 
	heat_columns INTEGER NOT NULL, 
	heat_extent JSON NOT NULL, 
	heat_method TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	created TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(reading_id) REFERENCES reading (id)
);
CREATE TABLE finding (
	id INTEGER NOT NULL, 
	reading_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	heat BLOB, 
	heat_rows INTEGER, 
	heat_columns INTEGER, 
	heat_extent JSON, 
	heat_method TEXT, 
	feature BLOB, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_finding_reading_id_number UNIQUE (reading_id, number), 
	FOREIGN KEY(reading_id) REFERENCES reading (id)
);
INSERT INTO "finding" VALUES(1,1,1,X'789C63B0618001AC2C000F2000F1',4,4,'{"x0": 0.1, "y0": 0.1, "x1": 0.4, "y1": 0.4}','Grad-CAM',X'0000003C004000420044');
INSERT INTO "finding" VALUES(2,1,2,X'789C63B0618001AC2C000F2000F1',4,4,'{"x0": 0.1, "y0": 0.1, "x1": 0.4, "y1": 0.4}','Grad-CAM',NULL);
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
	removed TEXT DEFAULT '' NOT NULL, body_part TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_image_sha256 UNIQUE (sha256), 
	FOREIGN KEY(series_id) REFERENCES series (id)
);
INSERT INTO "image" VALUES(1,1,'1.2.3.4.5','ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb','/images/a.dcm',512,640,3,'DICOM',1,7,'{"patient_id": "00123", "patient_name": "KIM^MINSU", "patient_name_ideographic": "\u91d1^\u6c11\u79c0", "birth_date": "1951-02-03", "sex": "M", "study_uid": "1.2.3", "study_date": "2026-11-20", "study_time": "09:30:00", "study_description": "ERCP", "accession_number": "A1", "series_uid": "1.2.3.4", "series_number": 2, "series_description": "spot", "modality": "XA", "body_part": "ABDOMEN", "sop_uid": "1.2.3.4.5", "instance_number": 7}','2026-11-21T21:53:27.451212+00:00','','ABDOMEN');
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
INSERT INTO "label" VALUES(1,1,0,'EGIS + Epic','corrected','kim','2026-11-21T06:31:00+00:00',1,'EGIS 0.60');
CREATE TABLE measurement (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	image_id INTEGER NOT NULL, 
	frame INTEGER NOT NULL, 
	plane TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	points JSON NOT NULL, 
	widths JSON NOT NULL, 
	mm FLOAT, 
	note TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	at TEXT NOT NULL, 
	removed BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(image_id) REFERENCES image (id)
);
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
CREATE TABLE presentation (
	id INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	sop_uid TEXT NOT NULL, 
	path TEXT NOT NULL, 
	label TEXT NOT NULL, 
	added TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_presentation_sha256 UNIQUE (sha256)
);
CREATE TABLE presentation_image (
	presentation_id INTEGER NOT NULL, 
	sop_uid TEXT NOT NULL, 
	PRIMARY KEY (presentation_id, sop_uid), 
	FOREIGN KEY(presentation_id) REFERENCES presentation (id)
);
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
	created TEXT NOT NULL, answer TEXT DEFAULT '' NOT NULL, refusal TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(image_id) REFERENCES image (id)
);
INSERT INTO "reading" VALUES(1,1,0,'stent-maker','stent-demo','abababababababababababababababababababababababababababababababab','Demo','1.0','onnxruntime · CPU','{"network": 0.2, "total": 0.25}','[{"maker": "EGIS", "probability": 0.93, "scores": [{"label": "EGIS", "probability": 0.93}, {"label": "EGIS", "probability": 0.06999999999999995}], "prediction_set": ["EGIS", "EGIS"], "unknown": false, "box": {"x0": 0.1, "y0": 0.2, "x1": 0.3, "y1": 0.4}, "outline": [], "presence": 1.0, "distance": null}, {"maker": "Epic", "probability": 0.93, "scores": [{"label": "Epic", "probability": 0.93}, {"label": "EGIS", "probability": 0.06999999999999995}], "prediction_set": ["Epic", "EGIS"], "unknown": false, "box": {"x0": 0.1, "y0": 0.2, "x1": 0.3, "y1": 0.4}, "outline": [], "presence": 1.0, "distance": null}]','["Simulated"]',X'789C6360E850EFD05EA6DBA1BFD56099E174A30E631B93AD26BAA6CB4CE5CCA69BF19B77983358D85854586CB5F868A16B9969B9CCF291A59C5594D574ABCB56FCD6DED61DD647AC196C002A0F16F5',5,7,'{"x0": -0.1, "y0": 0, "x1": 1.1, "y1": 1}','Grad-CAM','kim','2026-11-21T06:30:01.000025+00:00','EGIS + Epic','');
INSERT INTO "reading" VALUES(2,1,1,'stent-maker','stent-demo','abababababababababababababababababababababababababababababababab','Demo','1.0','onnxruntime · CPU','{"network": 0.2, "total": 0.25}','[]','["Simulated"]',NULL,NULL,NULL,NULL,NULL,'kim','2026-11-21T06:30:01.000025+00:00','cannot tell','This is a photograph.');
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
	accession_number TEXT NOT NULL, opened TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_study_patient_id_key UNIQUE (patient_id, "key"), 
	FOREIGN KEY(patient_id) REFERENCES patient (id)
);
INSERT INTO "study" VALUES(1,1,'1.2.3','1.2.3','2026-11-20','09:30:00','ERCP','A1','');
CREATE TABLE thumbnail (
	image_id INTEGER NOT NULL, 
	png BLOB NOT NULL, 
	PRIMARY KEY (image_id), 
	FOREIGN KEY(image_id) REFERENCES image (id)
);
CREATE INDEX ix_patient_patient_id ON patient (patient_id);
CREATE INDEX ix_image_sop_uid ON image (sop_uid);
CREATE INDEX ix_label_image_id_frame ON label (image_id, frame);
CREATE TRIGGER reading_no_delete BEFORE DELETE ON reading BEGIN SELECT RAISE(ABORT, 'reading rows are never changed'); END;
CREATE TRIGGER label_no_update BEFORE UPDATE ON label BEGIN SELECT RAISE(ABORT, 'label rows are never changed'); END;
CREATE TRIGGER label_no_delete BEFORE DELETE ON label BEGIN SELECT RAISE(ABORT, 'label rows are never changed'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE INDEX ix_image_series_id_removed_body_part ON image (series_id, removed, body_part);
CREATE INDEX ix_reading_image_id_frame_answer ON reading (image_id, frame, answer);
CREATE INDEX ix_measurement_key ON measurement ("key");
CREATE INDEX ix_measurement_image_id ON measurement (image_id);
CREATE INDEX ix_explanation_reading_id ON explanation (reading_id);
CREATE INDEX ix_presentation_image_sop_uid ON presentation_image (sop_uid);
CREATE TRIGGER measurement_no_update BEFORE UPDATE ON measurement BEGIN SELECT RAISE(ABORT, 'measurement rows are never changed'); END;
CREATE TRIGGER measurement_no_delete BEFORE DELETE ON measurement BEGIN SELECT RAISE(ABORT, 'measurement rows are never changed'); END;
CREATE TRIGGER explanation_no_update BEFORE UPDATE ON explanation BEGIN SELECT RAISE(ABORT, 'explanation rows are never changed'); END;
CREATE TRIGGER explanation_no_delete BEFORE DELETE ON explanation BEGIN SELECT RAISE(ABORT, 'explanation rows are never changed'); END;
CREATE TRIGGER reading_no_update BEFORE UPDATE ON reading BEGIN SELECT RAISE(ABORT, 'reading rows are never changed'); END;
CREATE TRIGGER finding_no_update BEFORE UPDATE ON finding BEGIN SELECT RAISE(ABORT, 'finding rows are never changed'); END;
CREATE TRIGGER finding_no_delete BEFORE DELETE ON finding BEGIN SELECT RAISE(ABORT, 'finding rows are never changed'); END;
COMMIT;

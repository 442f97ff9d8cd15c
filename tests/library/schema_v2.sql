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
INSERT INTO "alembic_version" VALUES('0002');
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
INSERT INTO "audit" VALUES(1,'2026-11-21T15:57:30.948235+00:00','kim','library made','library','schema version 2','{}','4e92b584f28e5fdf34e5057dbc52420c1c4036b26f563121c5e4f4f1c07c4584');
INSERT INTO "audit" VALUES(2,'2026-11-21T15:57:30.954835+00:00','kim','images added','images 1 to 2','DICOM, 2 files','{"images":[[1,"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"],[2,"3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"]]}','bd40b77394c4033c119ab836c24a4db0a7ded887ed326a78fccb0786fbbca9f6');
INSERT INTO "audit" VALUES(3,'2026-11-21T15:57:30.957736+00:00','kim','reading saved','image 1, frame 1','stent-demo-abababab said NITI-S 0.93, not excluded: EGIS','{"digest":"9c3b4db5e3618849e445e92bb9b98d4811ebca40e0f861dd33cefe1f3c7fa70c","reading":1}','15446201fa739f592a73762ded02e677b3d66f1c237493612be2968e06ede3a6');
INSERT INTO "audit" VALUES(4,'2026-11-21T15:57:30.958992+00:00','kim','explanation saved','reading 1','Occlusion','{"digest":"3015e07475152850b2ebea42788b260d82eacfcd2013bb9f7c16ad4f7374b29d","explanation":1}','15f632a21cfd7b50cf19c420f748f560eda8ff8ea306deb310cb9cd3e05caacd');
INSERT INTO "audit" VALUES(5,'2026-11-21T15:57:30.960149+00:00','kim','label corrected','image 1, frame 1','EGIS; the model had said EGIS 0.60','{"action":"corrected","at":"2026-11-21T06:31:00+00:00","by":"kim","frame":0,"image_id":1,"label":1,"maker":"EGIS","model_said":"EGIS 0.60","reading_id":1}','8ce4b5dd49761e524af366fc88e88021c374dcf7c1b8c1888468555aafb39efa');
INSERT INTO "audit" VALUES(6,'2026-11-21T15:57:30.960935+00:00','kim','label corrected','image 1, frame 1','NITI-S; the model had said EGIS 0.60','{"action":"corrected","at":"2026-11-21T06:31:00+00:00","by":"kim","frame":0,"image_id":1,"label":2,"maker":"NITI-S","model_said":"EGIS 0.60","reading_id":1}','32022277516bdb3b15131b0665a7b1f5524a2360776a37dad8674aa1adee4220');
INSERT INTO "audit" VALUES(7,'2026-11-21T15:57:30.962829+00:00','kim','measurement drawn','image 1, frame 1','length','{"digest":"f072ea3417ff1732a22fe9bebea3ffd11bd46924cc52808040572b08b8262a80","measurement":1}','f7a43ad787103d221047170ec0b0f192832293cbedde3cb2e6d6d9ea92315d47');
INSERT INTO "audit" VALUES(8,'2026-11-21T15:57:30.963824+00:00','kim','measurement changed','image 1, frame 1','length','{"digest":"0d852c95c825eaad2a5b34e1d072ba12761c834a974762ea966f098404e40271","measurement":2}','c601cb81d63f7c02bff864e65b60af029ed1573427edff20b25e681833d7bdb7');
INSERT INTO "audit" VALUES(9,'2026-11-21T15:57:30.964711+00:00','kim','measurement drawn','image 1, frame 1','length','{"digest":"10c603b351c7cf1a22316562272c60d8ac318f2376478940682c33dacfdca9b6","measurement":3}','b4522ef1e473fa82d9c31a1633c54becfeb732279ccfd06aa81fdfb7c236c23c');
INSERT INTO "audit" VALUES(10,'2026-11-21T15:57:30.965668+00:00','kim','measurement removed','image 1, frame 1','length','{"digest":"d35f679d0dba1d3d4c48dd479a42e77bbb74dffaf9cf7581b3c5879051beb85d","measurement":4}','784e130854a4c0bdb22ee965e512379128353c3fad2f455b4c81282d21e1d41e');
INSERT INTO "audit" VALUES(11,'2026-11-21T15:57:30.967192+00:00','kim','presentation added','presentation 1','SHA-256 0510eddd7811…','{"presentation":1,"sha256":"0510eddd781102030eb8860671503a28e6a37f5346de429bdd47c0a37c77cc7d"}','f6a92a68dbbd1238db4b7c429f981a0ae26fe91b13895a4f1908815f5117e90c');
INSERT INTO "audit" VALUES(12,'2026-11-21T15:57:30.969681+00:00','kim','study opened','study 1','','{}','310fdf0049f4f058a613065bd64a9de923b5a9f1ebb965e0f08dbe0ccf7d380b');
INSERT INTO "audit" VALUES(13,'2026-11-21T15:57:30.971160+00:00','kim','image removed','image 2','','{"removed":[2]}','2561bf18fd2545ad826769a4eba0535d035aa622ecb4ce17619041611f444892');
INSERT INTO "audit" VALUES(14,'2026-11-21T15:57:30.971792+00:00','kim','reader changed','reader','','{}','386ca766e43f808cba4bc91da183abfa5240d3f4b577fbb45e9cbdfa0b192f18');
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
INSERT INTO "explanation" VALUES(1,1,X'789C63B06080430007EC0151',2,3,'{"x0": 0, "y0": 0, "x1": 1, "y1": 1}','Occlusion','kim','2026-11-21T15:57:30.958224+00:00');
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
INSERT INTO "image" VALUES(1,1,'1.2.3.4.5','ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb','/images/a.dcm',512,640,3,'DICOM',1,7,'{"patient_id": "00123", "patient_name": "KIM^MINSU", "patient_name_ideographic": "\u91d1^\u6c11\u79c0", "birth_date": "1951-02-03", "sex": "M", "study_uid": "1.2.3", "study_date": "2026-11-20", "study_time": "09:30:00", "study_description": "ERCP", "accession_number": "A1", "series_uid": "1.2.3.4", "series_number": 2, "series_description": "spot", "modality": "XA", "body_part": "ABDOMEN", "sop_uid": "1.2.3.4.5", "instance_number": 7}','2026-11-21T15:57:30.951237+00:00','','ABDOMEN');
INSERT INTO "image" VALUES(2,1,'1.2.3.4.6','3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d','/images/b.dcm',512,640,3,'DICOM',1,8,'{"patient_id": "00123", "patient_name": "KIM^MINSU", "patient_name_ideographic": "\u91d1^\u6c11\u79c0", "birth_date": "1951-02-03", "sex": "M", "study_uid": "1.2.3", "study_date": "2026-11-20", "study_time": "09:30:00", "study_description": "ERCP", "accession_number": "A1", "series_uid": "1.2.3.4", "series_number": 2, "series_description": "spot", "modality": "XA", "body_part": "ABDOMEN", "sop_uid": "1.2.3.4.6", "instance_number": 8}','2026-11-21T15:57:30.951237+00:00','2026-11-21T15:57:30.970599+00:00','ABDOMEN');
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
INSERT INTO "measurement" VALUES(1,'abababababababababababababababab',1,0,'','length','[[10.0, 20.5], [30.25, 40.0]]','[]',NULL,'','kim','2026-11-21T06:32:00+00:00',0);
INSERT INTO "measurement" VALUES(2,'abababababababababababababababab',1,0,'','length','[[1.0, 2.0], [30.5, 40.25]]','[]',NULL,'','kim','2026-11-21T06:32:00+00:00',0);
INSERT INTO "measurement" VALUES(3,'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd',1,0,'','length','[[10.0, 20.5], [30.25, 40.0]]','[]',NULL,'','kim','2026-11-21T06:32:00+00:00',0);
INSERT INTO "measurement" VALUES(4,'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd',1,0,'','length','[[10.0, 20.5], [30.25, 40.0]]','[]',NULL,'','kim','2026-11-21T15:57:30.965452+00:00',1);
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
INSERT INTO "presentation" VALUES(1,'0510eddd781102030eb8860671503a28e6a37f5346de429bdd47c0a37c77cc7d','1.2.9','/images/pr.dcm','MARKS','2026-11-21T15:57:30.966613+00:00');
CREATE TABLE presentation_image (
	presentation_id INTEGER NOT NULL, 
	sop_uid TEXT NOT NULL, 
	PRIMARY KEY (presentation_id, sop_uid), 
	FOREIGN KEY(presentation_id) REFERENCES presentation (id)
);
INSERT INTO "presentation_image" VALUES(1,'1.2.3.4.5');
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
	created TEXT NOT NULL, answer TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(image_id) REFERENCES image (id)
);
INSERT INTO "reading" VALUES(1,1,0,'stent-maker','stent-demo','abababababababababababababababababababababababababababababababab','Demo','1.0','onnxruntime · CPU','{"network": 0.2, "total": 0.25}','[{"maker": "NITI-S", "probability": 0.93, "scores": [{"label": "NITI-S", "probability": 0.93}, {"label": "EGIS", "probability": 0.06999999999999995}], "prediction_set": ["NITI-S", "EGIS"], "unknown": false, "box": {"x0": 0.1, "y0": 0.2, "x1": 0.3, "y1": 0.4}}]','["Simulated"]',X'789C6360E850EFD05EA6DBA1BFD56099E174A30E631B93AD26BAA6CB4CE5CCA69BF19B77983358D85854586CB5F868A16B9969B9CCF291A59C5594D574ABCB56FCD6DED61DD647AC196C002A0F16F5',5,7,'{"x0": -0.1, "y0": 0, "x1": 1.1, "y1": 1}','Grad-CAM','kim','2026-11-21T06:30:01.000025+00:00','NITI-S');
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
INSERT INTO "study" VALUES(1,1,'1.2.3','1.2.3','2026-11-20','09:30:00','ERCP','A1','2026-11-21T15:57:30.969054+00:00');
CREATE TABLE thumbnail (
	image_id INTEGER NOT NULL, 
	png BLOB NOT NULL, 
	PRIMARY KEY (image_id), 
	FOREIGN KEY(image_id) REFERENCES image (id)
);
INSERT INTO "thumbnail" VALUES(1,X'706E67');
CREATE INDEX ix_patient_patient_id ON patient (patient_id);
CREATE INDEX ix_image_sop_uid ON image (sop_uid);
CREATE INDEX ix_label_image_id_frame ON label (image_id, frame);
CREATE TRIGGER reading_no_delete BEFORE DELETE ON reading BEGIN SELECT RAISE(ABORT, 'reading rows are never changed'); END;
CREATE TRIGGER label_no_update BEFORE UPDATE ON label BEGIN SELECT RAISE(ABORT, 'label rows are never changed'); END;
CREATE TRIGGER label_no_delete BEFORE DELETE ON label BEGIN SELECT RAISE(ABORT, 'label rows are never changed'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE INDEX ix_image_series_id_removed_body_part ON image (series_id, removed, body_part);
CREATE TRIGGER reading_no_update BEFORE UPDATE ON reading BEGIN SELECT RAISE(ABORT, 'reading rows are never changed'); END;
CREATE INDEX ix_reading_image_id_frame_answer ON reading (image_id, frame, answer);
CREATE INDEX ix_measurement_key ON measurement ("key");
CREATE INDEX ix_measurement_image_id ON measurement (image_id);
CREATE INDEX ix_explanation_reading_id ON explanation (reading_id);
CREATE INDEX ix_presentation_image_sop_uid ON presentation_image (sop_uid);
CREATE TRIGGER measurement_no_update BEFORE UPDATE ON measurement BEGIN SELECT RAISE(ABORT, 'measurement rows are never changed'); END;
CREATE TRIGGER measurement_no_delete BEFORE DELETE ON measurement BEGIN SELECT RAISE(ABORT, 'measurement rows are never changed'); END;
CREATE TRIGGER explanation_no_update BEFORE UPDATE ON explanation BEGIN SELECT RAISE(ABORT, 'explanation rows are never changed'); END;
CREATE TRIGGER explanation_no_delete BEFORE DELETE ON explanation BEGIN SELECT RAISE(ABORT, 'explanation rows are never changed'); END;
COMMIT;

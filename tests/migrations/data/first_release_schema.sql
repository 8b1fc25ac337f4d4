-- The schema of the first release on SQLite, as it was. Never to be changed.
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE contact (
	id INTEGER NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	pseudonym VARCHAR(64) NOT NULL, 
	sealed_address TEXT, 
	language_chosen VARCHAR(16), 
	language_last VARCHAR(16), 
	opted_out_at DATETIME, 
	last_inbound_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_contact PRIMARY KEY (id), 
	CONSTRAINT uq_contact_pseudonym UNIQUE (pseudonym)
);
CREATE TABLE content_version (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_content_version PRIMARY KEY (id)
);
CREATE TABLE conversation (
	id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	"key" VARCHAR(36) NOT NULL, 
	state JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_conversation PRIMARY KEY (id), 
	CONSTRAINT fk_conversation_contact_id_contact FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE, 
	CONSTRAINT uq_conversation_contact_id UNIQUE (contact_id), 
	CONSTRAINT uq_conversation_key UNIQUE ("key")
);
CREATE TABLE delivery (
	id INTEGER NOT NULL, 
	outbound_seq INTEGER NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	error_code VARCHAR(32), 
	moved BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_delivery_outbound_seq_outbound FOREIGN KEY(outbound_seq) REFERENCES outbound (seq) ON DELETE CASCADE
);
CREATE TABLE inbound (
	id INTEGER NOT NULL, 
	conversation_id INTEGER NOT NULL, 
	channel VARCHAR(32) NOT NULL, 
	provider_id VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	text TEXT, 
	extra JSON NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	received_at DATETIME NOT NULL, 
	answered_at DATETIME, 
	error VARCHAR(200), 
	outcome VARCHAR(16), 
	topic VARCHAR(64), 
	language VARCHAR(16), 
	confidence FLOAT, 
	CONSTRAINT pk_inbound PRIMARY KEY (id), 
	CONSTRAINT fk_inbound_conversation_id_conversation FOREIGN KEY(conversation_id) REFERENCES conversation (id) ON DELETE CASCADE, 
	CONSTRAINT uq_inbound_provider UNIQUE (channel, provider_id)
);
CREATE TABLE outbound (
	seq INTEGER NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	conversation_id INTEGER NOT NULL, 
	inbound_id INTEGER, 
	channel VARCHAR(32) NOT NULL, 
	text TEXT, 
	topic VARCHAR(64), 
	revision_id INTEGER, 
	language VARCHAR(16), 
	urgent BOOLEAN NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	provider_id VARCHAR(64), 
	attempts INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	handed_over_at DATETIME, 
	error_code VARCHAR(32), 
	CONSTRAINT pk_outbound PRIMARY KEY (seq), 
	CONSTRAINT fk_outbound_conversation_id_conversation FOREIGN KEY(conversation_id) REFERENCES conversation (id) ON DELETE CASCADE, 
	CONSTRAINT fk_outbound_inbound_id_inbound FOREIGN KEY(inbound_id) REFERENCES inbound (id) ON DELETE SET NULL, 
	CONSTRAINT uq_outbound_id UNIQUE (id)
);
CREATE TABLE revision (
	id INTEGER NOT NULL, 
	topic_id VARCHAR(64) NOT NULL, 
	number INTEGER NOT NULL, 
	origin VARCHAR(8) NOT NULL, 
	author VARCHAR(64) NOT NULL, 
	note VARCHAR(500) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	review_by DATE, 
	created_at DATETIME NOT NULL, 
	published_at DATETIME, 
	withdrawn_at DATETIME, 
	CONSTRAINT pk_revision PRIMARY KEY (id), 
	CONSTRAINT fk_revision_topic_id_topic FOREIGN KEY(topic_id) REFERENCES topic (id), 
	CONSTRAINT uq_revision_number UNIQUE (topic_id, number)
);
CREATE TABLE sheet (
	id VARCHAR(32) NOT NULL, 
	origin VARCHAR(8) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	document JSON NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_sheet PRIMARY KEY (id)
);
CREATE TABLE ticket (
	id INTEGER NOT NULL, 
	conversation_id INTEGER NOT NULL, 
	inbound_id INTEGER, 
	reason VARCHAR(32) NOT NULL, 
	category VARCHAR(64), 
	state VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_ticket PRIMARY KEY (id), 
	CONSTRAINT fk_ticket_conversation_id_conversation FOREIGN KEY(conversation_id) REFERENCES conversation (id) ON DELETE CASCADE, 
	CONSTRAINT fk_ticket_inbound_id_inbound FOREIGN KEY(inbound_id) REFERENCES inbound (id) ON DELETE SET NULL
);
CREATE TABLE topic (
	id VARCHAR(64) NOT NULL, 
	kind VARCHAR(8) NOT NULL, 
	topic_group VARCHAR(32) NOT NULL, 
	published_revision_id INTEGER, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_topic PRIMARY KEY (id)
);
CREATE INDEX ix_delivery_outbound_seq ON delivery (outbound_seq);
CREATE INDEX ix_inbound_due ON inbound (state, due_at);
CREATE INDEX ix_inbound_order ON inbound (conversation_id, state, id);
CREATE INDEX ix_inbound_received_at ON inbound (received_at);
CREATE INDEX ix_outbound_created_at ON outbound (created_at);
CREATE INDEX ix_outbound_due ON outbound (state, due_at);
CREATE INDEX ix_outbound_order ON outbound (conversation_id, state, seq);
CREATE INDEX ix_outbound_provider_id ON outbound (provider_id);
CREATE INDEX ix_revision_topic_id ON revision (topic_id);
CREATE INDEX ix_ticket_conversation_id ON ticket (conversation_id);
INSERT INTO alembic_version VALUES ('0001');

"""what time brings: SLA clocks, promises, messages for later, follow-ups, incidents, notices, surveys, jobs

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

import storage.database


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _when(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, storage.database.UTCDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _promises_and_words()
    _incidents()
    _notices()
    _sending_to_many()
    _surveys_and_jobs()
    for column in (
        sa.Column('follow_up_step', sa.Integer(), nullable=False, server_default='0'),
        _when('follow_up_at', nullable=True),
        sa.Column('last_word', sa.String(), nullable=True),
        _when('word_drafted_for', nullable=True),
        sa.Column('incident_id', BIG_ID, nullable=True),
        _when('sla_at', nullable=True),
    ):
        op.add_column('ticket', column)
    op.create_index('ix_ticket_follow_up_at', 'ticket', ['follow_up_at'])
    op.create_index('ix_ticket_next_word_at', 'ticket', ['next_word_at'])
    op.create_index('ix_ticket_sla_at', 'ticket', ['sla_at'])
    op.execute("update ticket set sla_at = opened_at where status not in ('resolved', 'closed')")
    op.add_column('customer', sa.Column('updates', sa.String(), nullable=False, server_default='normal'))
    op.add_column('customer', _when('notices_refused_at', nullable=True))
    op.add_column('customer', _when('surveys_refused_at', nullable=True))


def _promises_and_words() -> None:
    op.create_table('sla_clock',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('ticket_id', BIG_ID, nullable=False),
    sa.Column('target', sa.String(), nullable=False),
    sa.Column('tier', sa.String(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('policy', sa.String(), nullable=False),
    sa.Column('rules', sa.String(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('event_id', BIG_ID, nullable=False),
    _when('started_at'),
    _when('warn_at', nullable=True),
    _when('due_at', nullable=True),
    _when('paused_at', nullable=True),
    _when('warned_at', nullable=True),
    _when('breached_at', nullable=True),
    _when('met_at', nullable=True),
    _when('ended_at', nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['event_id'], ['ticket_event.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('event_id', 'target', name='uq_sla_clock')
    )
    op.create_index('ix_sla_clock_ticket_id', 'sla_clock', ['ticket_id'])
    op.create_index('ix_sla_clock_started_at', 'sla_clock', ['started_at'])
    op.create_index('ix_sla_clock_running', 'sla_clock', ['ended_at', 'rules'])
    op.create_table('promise',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('ticket_id', BIG_ID, nullable=False),
    sa.Column('message_id', BIG_ID, nullable=True),
    sa.Column('agent', sa.String(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    _when('due_at'),
    sa.Column('status', sa.String(), nullable=False),
    _when('warned_at', nullable=True),
    _when('settled_at', nullable=True),
    _when('created_at'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_promise_due', 'promise', ['status', 'due_at'])
    op.create_index('ix_promise_ticket_id', 'promise', ['ticket_id'])
    op.create_table('scheduled_message',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('ticket_id', BIG_ID, nullable=False),
    sa.Column('agent', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    _when('due_at'),
    sa.Column('unless_answered', sa.Boolean(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('why', sa.String(), nullable=True),
    _when('created_at'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_scheduled_message_due', 'scheduled_message', ['status', 'due_at'])
    op.create_index('ix_scheduled_message_ticket_id', 'scheduled_message', ['ticket_id'])
    op.create_table('living_card',
    sa.Column('ticket_id', BIG_ID, nullable=False, autoincrement=False),
    sa.Column('conversation_id', BIG_ID, nullable=False, autoincrement=False),
    sa.Column('message_id', BIG_ID, nullable=False),
    sa.Column('lead', sa.Text(), nullable=False),
    sa.Column('shown', sa.String(), nullable=False),
    sa.Column('is_stale', sa.Boolean(), nullable=False),
    _when('drawn_at'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('ticket_id', 'conversation_id')
    )
    op.create_index('ix_living_card_stale', 'living_card', ['is_stale', 'drawn_at'])


def _incidents() -> None:
    op.create_table('incident',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('title', sa.JSON(), nullable=False),
    sa.Column('workaround', sa.JSON(), nullable=True),
    sa.Column('cause', sa.JSON(), nullable=True),
    sa.Column('scope', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    _when('next_update_at', nullable=True),
    sa.Column('declared_by', sa.String(), nullable=False),
    _when('declared_at'),
    sa.Column('closed_by', sa.String(), nullable=True),
    _when('closed_at', nullable=True),
    sa.Column('loud_version', sa.Integer(), nullable=False),
    sa.Column('lapses', sa.Integer(), nullable=False),
    _when('reminded_at', nullable=True),
    sa.Column('progress', sa.String(), nullable=True),
    sa.Column('channel', sa.String(), nullable=True),
    sa.Column('ts', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_incident_status', 'incident', ['status', 'next_update_at'])
    op.create_table('incident_event',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('incident_id', BIG_ID, nullable=False),
    _when('at'),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_incident_event_incident_id', 'incident_event', ['incident_id'])
    op.create_table('incident_subscriber',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('incident_id', BIG_ID, nullable=False),
    sa.Column('conversation_id', BIG_ID, nullable=False),
    sa.Column('ticket_id', BIG_ID, nullable=True),
    sa.Column('message_id', BIG_ID, nullable=True),
    sa.Column('shown', sa.Text(), nullable=True),
    sa.Column('told', sa.Integer(), nullable=False),
    _when('left_at', nullable=True),
    _when('subscribed_at'),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('incident_id', 'conversation_id', name='uq_incident_subscriber')
    )
    op.create_index('ix_incident_subscriber_told', 'incident_subscriber', ['incident_id', 'told'])
    op.create_table('spike_alert',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('intent', sa.String(), nullable=False),
    _when('hour'),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('usual', sa.Double(), nullable=False),
    sa.Column('channel', sa.String(), nullable=True),
    sa.Column('ts', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('intent', 'hour', name='uq_spike_alert')
    )


def _notices() -> None:
    op.create_table('notice',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('text', sa.JSON(), nullable=False),
    sa.Column('segment', sa.JSON(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    _when('created_at'),
    _when('send_at', nullable=True),
    sa.Column('progress', sa.String(), nullable=True),
    sa.Column('channel', sa.String(), nullable=True),
    sa.Column('ts', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('notice_recipient',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('notice_id', BIG_ID, nullable=False),
    sa.Column('conversation_id', BIG_ID, nullable=False),
    sa.Column('message_id', BIG_ID, nullable=True),
    sa.Column('skipped', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], ),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('notice_id', 'conversation_id', name='uq_notice_recipient')
    )
    op.create_index('ix_notice_recipient_open', 'notice_recipient', ['notice_id', 'message_id'])


def _sending_to_many() -> None:
    op.create_table('board_post',
    sa.Column('lane_id', BIG_ID, nullable=False, autoincrement=False),
    sa.Column('seq', BIG_ID, nullable=False, autoincrement=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('subject_id', BIG_ID, nullable=False),
    sa.Column('event_id', BIG_ID, nullable=True),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('booked', sa.Boolean(), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    _when('started_at', nullable=True),
    _when('created_at'),
    _when('sent_at', nullable=True),
    sa.ForeignKeyConstraint(['lane_id'], ['lane.id'], ),
    sa.PrimaryKeyConstraint('lane_id', 'seq')
    )
    op.add_column('outbox_message', sa.Column('bulk', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('lane', sa.Column('patient', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index('ix_outbox_message_message_id', 'outbox_message', ['message_id'])
    op.create_index('ix_message_created', 'message', ['created_at', 'intent'])


def _surveys_and_jobs() -> None:
    op.create_table('survey',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('customer_id', BIG_ID, nullable=False),
    sa.Column('conversation_id', BIG_ID, nullable=False),
    sa.Column('ticket_id', BIG_ID, nullable=True),
    sa.Column('closing', BIG_ID, nullable=False),
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('why', sa.String(), nullable=True),
    sa.Column('lot', sa.Double(), nullable=False),
    _when('due_at'),
    _when('sent_at', nullable=True),
    _when('reminded_at', nullable=True),
    _when('answered_at', nullable=True),
    _when('expires_at', nullable=True),
    sa.Column('message_id', BIG_ID, nullable=True),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('rerates', BIG_ID, nullable=True),
    sa.Column('recovery_ticket_id', BIG_ID, nullable=True),
    _when('created_at'),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token'),
    sa.UniqueConstraint('kind', 'conversation_id', 'ticket_id', 'closing', name='uq_survey')
    )
    for name, column, condition in (
        ('uq_survey_alone', ['kind', 'closing'], "ticket_id IS NULL"),
        ('uq_survey_rerates', ['rerates'], "status != 'not_sent'"),
    ):
        where = sa.text(condition)
        op.create_index(name, 'survey', column, unique=True, sqlite_where=where, postgresql_where=where)
    op.create_index('ix_survey_conversation', 'survey', ['conversation_id', 'status'])
    op.create_index('ix_survey_customer', 'survey', ['customer_id', 'kind', 'sent_at'])
    op.create_index('ix_survey_expires_at', 'survey', ['expires_at'])
    op.create_index('ix_survey_recovery_ticket_id', 'survey', ['recovery_ticket_id'])
    op.create_index('ix_survey_due', 'survey', ['status', 'due_at'])
    op.create_index('ix_survey_ticket_id', 'survey', ['ticket_id'])
    op.create_table('job_run',
    sa.Column('name', sa.String(), nullable=False),
    _when('started_at'),
    _when('finished_at', nullable=True),
    sa.Column('seconds', sa.Double(), nullable=True),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('runs', BIG_ID, nullable=False),
    sa.Column('failures', BIG_ID, nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    _when('failing_since', nullable=True),
    sa.PrimaryKeyConstraint('name')
    )


def downgrade() -> None:
    op.drop_index('ix_ticket_follow_up_at', 'ticket')
    op.drop_index('ix_ticket_next_word_at', 'ticket')
    op.drop_index('ix_ticket_sla_at', 'ticket')
    for name in ('surveys_refused_at', 'notices_refused_at', 'updates'):
        op.drop_column('customer', name)
    for name in ('sla_at', 'incident_id', 'word_drafted_for', 'last_word', 'follow_up_at', 'follow_up_step'):
        op.drop_column('ticket', name)
    op.drop_index('ix_message_created', 'message')
    op.drop_index('ix_outbox_message_message_id', 'outbox_message')
    op.drop_column('outbox_message', 'bulk')
    op.drop_column('lane', 'patient')
    for table in (
        'board_post', 'job_run', 'survey', 'notice_recipient', 'notice', 'spike_alert', 'incident_subscriber', 'incident_event',
        'incident', 'living_card', 'scheduled_message', 'promise', 'sla_clock',
    ):
        op.drop_table(table)

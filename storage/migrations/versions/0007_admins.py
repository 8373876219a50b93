"""admins: living data, reviews, releases, the console's people, audits

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

import storage.database


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _when(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, storage.database.UTCDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _living_data()
    _reviews_and_releases()
    _console()
    _audits()


def _living_data() -> None:
    op.create_table('training_intent',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('title', sa.JSON(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    _when('removed_at', nullable=True),
    _when('updated_at'),
    sa.Column('updated_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('training_example',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('intent', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('entities', sa.JSON(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('review_item_id', BIG_ID, nullable=True),
    sa.Column('added_by', sa.String(), nullable=False),
    _when('added_at'),
    _when('removed_at', nullable=True),
    sa.Column('removed_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['intent'], ['training_intent.name'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_training_example_intent', 'training_example', ['intent', 'language'])
    op.create_table('living_answer',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('expires_on', sa.String(), nullable=True),
    _when('updated_at'),
    sa.Column('updated_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_table('living_thresholds',
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('act', sa.Float(), nullable=False),
    sa.Column('ask', sa.Float(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    _when('updated_at'),
    sa.Column('updated_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('language')
    )
    op.create_table('content_change',
    sa.Column('id', BIG_ID, nullable=False),
    _when('at'),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=True),
    sa.Column('undoes', BIG_ID, nullable=True),
    sa.Column('part_of', BIG_ID, nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_content_change_subject', 'content_change', ['subject', 'key'])


def _reviews_and_releases() -> None:
    op.create_table('review_item',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('language', sa.String(), nullable=True),
    sa.Column('intent', sa.String(), nullable=True),
    sa.Column('confidence', sa.Float(), nullable=True),
    sa.Column('model', sa.String(), nullable=True),
    sa.Column('suggested', sa.String(), nullable=True),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('message_id', BIG_ID, nullable=True),
    sa.Column('ticket_id', BIG_ID, nullable=True),
    sa.Column('contributor', sa.String(), nullable=True),
    sa.Column('like', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('label', sa.String(), nullable=True),
    sa.Column('labelled_by', sa.String(), nullable=True),
    _when('labelled_at', nullable=True),
    sa.Column('release_id', BIG_ID, nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    _when('created_at'),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('message_id')
    )
    op.create_index('ix_review_item_like', 'review_item', ['status', 'like'])
    op.create_index('ix_review_item_status', 'review_item', ['status', 'created_at'])
    op.create_table('release',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('data_digest', sa.String(), nullable=False),
    sa.Column('model', sa.String(), nullable=True),
    sa.Column('progress', sa.String(), nullable=True),
    sa.Column('metrics', sa.JSON(), nullable=True),
    sa.Column('replay', sa.JSON(), nullable=True),
    sa.Column('blocked', sa.JSON(), nullable=False),
    sa.Column('override_reason', sa.Text(), nullable=True),
    sa.Column('override_by', sa.String(), nullable=True),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('started_by', sa.String(), nullable=False),
    _when('started_at'),
    _when('trained_at', nullable=True),
    _when('compared_at', nullable=True),
    _when('live_at', nullable=True),
    _when('ended_at', nullable=True),
    sa.Column('previous_id', BIG_ID, nullable=True),
    sa.Column('is_rollback', sa.Boolean(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_release_status', 'release', ['status'])
    op.create_table('replayed_message',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('release_id', BIG_ID, nullable=False),
    sa.Column('message_id', BIG_ID, nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('language', sa.String(), nullable=True),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['release_id'], ['release.id'], ),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_replayed_message_release', 'replayed_message', ['release_id', 'verdict'])


def _console() -> None:
    op.create_table('admin',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('login', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    _when('created_at'),
    _when('password_changed_at'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('login')
    )
    op.create_table('admin_session',
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('admin_id', BIG_ID, nullable=False),
    _when('created_at'),
    _when('seen_at'),
    _when('expires_at'),
    sa.Column('address', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['admin_id'], ['admin.id'], ),
    sa.PrimaryKeyConstraint('token_hash')
    )
    op.create_index('ix_admin_session_admin_id', 'admin_session', ['admin_id'])
    op.create_index('ix_admin_session_expires_at', 'admin_session', ['expires_at'])
    op.create_table('login_attempt',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('login', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    _when('at'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_login_attempt_address', 'login_attempt', ['address', 'at'])
    op.create_index('ix_login_attempt_login', 'login_attempt', ['login', 'at'])
    op.create_table('setting_edit',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    _when('at'),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_setting_edit_name', 'setting_edit', ['name', 'id'])


def _audits() -> None:
    op.create_table('audit_run',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    _when('started_at'),
    _when('finished_at', nullable=True),
    sa.Column('questions', sa.Integer(), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('contradictions', sa.Integer(), nullable=False),
    sa.Column('score', sa.Float(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('audit_finding',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('run_id', BIG_ID, nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('intent', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('said', sa.Text(), nullable=False),
    sa.Column('canonical', sa.Text(), nullable=False),
    sa.Column('likeness', sa.Float(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('link', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['run_id'], ['audit_run.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_audit_finding_run_id', 'audit_finding', ['run_id'])
    op.create_table('drift_day',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('day', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('messages', sa.Integer(), nullable=False),
    sa.Column('fallbacks', sa.Integer(), nullable=False),
    sa.Column('confidence', sa.Float(), nullable=True),
    sa.Column('topics', sa.Text(), nullable=False),
    sa.Column('channel', sa.String(), nullable=True),
    sa.Column('ts', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_drift_day', 'drift_day', ['day', 'language'], unique=True)


def downgrade() -> None:
    for table in (
        'drift_day', 'audit_finding', 'audit_run', 'setting_edit', 'login_attempt', 'admin_session', 'admin',
        'replayed_message',
        'release', 'review_item', 'content_change', 'living_thresholds', 'living_answer', 'training_example',
        'training_intent',
    ):
        op.drop_table(table)

"""messengers: edits, files, threads, parts of a message, states of channels

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

import storage.database


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def _when(name: str) -> sa.Column[object]:
    return sa.Column(name, storage.database.UTCDateTime(timezone=True), nullable=True)


def upgrade() -> None:
    op.create_table('channel_state',
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.Column('seen_at', storage.database.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('channel')
    )
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('setting', sa.String(), nullable=False, server_default='private'))
        batch_op.add_column(sa.Column('thread', sa.String(), nullable=True))
        batch_op.add_column(_when('blocked_at'))
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.alter_column('setting', server_default=None)

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('external_id', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('said_by', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('attachments', sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column('versions', sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column('reactions', sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(_when('edited_at'))
        batch_op.add_column(_when('deleted_at'))
        batch_op.create_unique_constraint('uq_message_external', ['conversation_id', 'external_id'])

    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('provider_ids', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('thread', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('booked', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('resent_as', sa.String(), nullable=True))
        batch_op.add_column(_when('started_at'))
    rows = sa.table('outbox_message', sa.column('provider_id', sa.String), sa.column('provider_ids', sa.JSON))
    listed = (
        sa.func.json_build_array(rows.c.provider_id) if op.get_bind().dialect.name == 'postgresql'
        else sa.func.json_array(rows.c.provider_id)
    )
    op.execute(rows.update().where(rows.c.provider_id.is_not(None)).values(provider_ids=listed))
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.alter_column('provider_ids', server_default=None)
        batch_op.alter_column('booked', server_default=None)
        batch_op.drop_column('provider_id')


def downgrade() -> None:
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('provider_id', sa.String(), nullable=True))
        for name in ('provider_ids', 'thread', 'booked', 'resent_as', 'started_at'):
            batch_op.drop_column(name)
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_constraint('uq_message_external', type_='unique')
        for name in ('external_id', 'said_by', 'attachments', 'versions', 'reactions', 'edited_at', 'deleted_at'):
            batch_op.drop_column(name)
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        for name in ('setting', 'thread', 'blocked_at'):
            batch_op.drop_column(name)
    op.drop_table('channel_state')

"""the agents' desk: agents, threads, posts, notes, links; edits and deletes in the outbox

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

import storage.database


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _when(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, storage.database.UTCDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _agents()
    _threads()
    _posts()
    _notes_and_links()
    for column in (
        sa.Column('tone', sa.JSON(), nullable=True),
        sa.Column('desk_channel', sa.String(), nullable=True),
        sa.Column('waiting_reason', sa.Text(), nullable=True),
        _when('snoozed_until', nullable=True),
        sa.Column('cause', sa.String(), nullable=True),
        sa.Column('merged_into', BIG_ID, nullable=True),
        sa.Column('ladder_step', sa.Integer(), nullable=False, server_default='0'),
        _when('ladder_at', nullable=True),
    ):
        op.add_column('ticket', column)
    op.create_index('ix_ticket_ladder_at', 'ticket', ['ladder_at'])
    op.add_column('customer', sa.Column('tier', sa.String(), nullable=False, server_default='mass'))
    op.add_column('outbox_message', sa.Column('kind', sa.String(), nullable=False, server_default='say'))
    op.add_column('outbox_message', _when('held_until', nullable=True))


def _agents() -> None:
    op.create_table('agent',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('team_id', sa.String(), nullable=True),
    sa.Column('user_id', sa.String(), nullable=True),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('groups', sa.JSON(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('is_on_duty', sa.Boolean(), nullable=False),
    sa.Column('schedule', sa.JSON(), nullable=True),
    sa.Column('load_cap', sa.Integer(), nullable=False),
    _when('asked_at', nullable=True),
    _when('created_at'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('email'),
    sa.UniqueConstraint('name'),
    sa.UniqueConstraint('team_id', 'user_id', name='uq_agent_user')
    )


def _threads() -> None:
    op.create_table('desk_thread',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('ticket_id', BIG_ID, nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('ts', sa.String(), nullable=False),
    _when('opened_at'),
    _when('lost_at', nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('channel', 'ts', name='uq_desk_thread')
    )
    op.create_index('ix_desk_thread_ticket_id', 'desk_thread', ['ticket_id'])
    op.create_table('desk_copy',
    sa.Column('message_id', BIG_ID, nullable=False, autoincrement=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('ts', sa.String(), nullable=False),
    sa.Column('is_own', sa.Boolean(), nullable=False),
    sa.Column('mark', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('message_id')
    )
    op.create_index('ix_desk_copy_place', 'desk_copy', ['channel', 'ts'])


def _posts() -> None:
    op.create_table('desk_post',
    sa.Column('lane_id', BIG_ID, nullable=False, autoincrement=False),
    sa.Column('seq', BIG_ID, nullable=False, autoincrement=False),
    sa.Column('ticket_id', BIG_ID, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('booked', sa.Boolean(), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    _when('started_at', nullable=True),
    _when('created_at'),
    _when('sent_at', nullable=True),
    sa.ForeignKeyConstraint(['lane_id'], ['lane.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('lane_id', 'seq')
    )
    op.create_index('ix_desk_post_ticket_id', 'desk_post', ['ticket_id'])


def _notes_and_links() -> None:
    op.create_table('ticket_note',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('ticket_id', BIG_ID, nullable=False),
    sa.Column('agent', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('attachments', sa.JSON(), nullable=True),
    sa.Column('channel', sa.String(), nullable=True),
    sa.Column('ts', sa.String(), nullable=True),
    sa.Column('versions', sa.JSON(), nullable=True),
    _when('deleted_at', nullable=True),
    _when('created_at'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_ticket_note_ticket_id', 'ticket_note', ['ticket_id'])
    op.create_table('ticket_link',
    sa.Column('ticket_id', BIG_ID, nullable=False, autoincrement=False),
    sa.Column('other_id', BIG_ID, nullable=False, autoincrement=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['other_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('ticket_id', 'other_id')
    )
    op.create_index('ix_ticket_link_other_id', 'ticket_link', ['other_id'])
    op.create_table('ticket_follower',
    sa.Column('ticket_id', BIG_ID, nullable=False, autoincrement=False),
    sa.Column('agent_id', BIG_ID, nullable=False, autoincrement=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['agent_id'], ['agent.id'], ),
    sa.PrimaryKeyConstraint('ticket_id', 'agent_id')
    )


def downgrade() -> None:
    op.drop_column('outbox_message', 'held_until')
    op.drop_column('outbox_message', 'kind')
    op.drop_column('customer', 'tier')
    op.drop_index('ix_ticket_ladder_at', 'ticket')
    for name in (
        'ladder_at', 'ladder_step', 'merged_into', 'cause', 'snoozed_until', 'waiting_reason', 'desk_channel', 'tone',
    ):
        op.drop_column('ticket', name)
    for table in (
        'ticket_follower', 'ticket_link', 'ticket_note', 'desk_post', 'desk_copy', 'desk_thread', 'agent',
    ):
        op.drop_table(table)

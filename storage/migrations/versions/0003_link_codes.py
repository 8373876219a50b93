"""linking accounts: one-time codes, wrong codes, the identity that began a conversation

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

import storage.database


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _when(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, storage.database.UTCDateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table('link_code',
    sa.Column('code_hash', sa.String(), nullable=False),
    sa.Column('identity_id', BIG_ID, nullable=False),
    sa.Column('conversation_id', BIG_ID, nullable=False),
    sa.Column('shown_in', sa.String(), nullable=True),
    _when('created_at'),
    _when('expires_at'),
    _when('used_at', nullable=True),
    sa.ForeignKeyConstraint(['identity_id'], ['channel_identity.id'], ),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.PrimaryKeyConstraint('code_hash')
    )
    op.create_index('ix_link_code_identity_id', 'link_code', ['identity_id'])
    op.create_index('ix_link_code_expires_at', 'link_code', ['expires_at'])
    op.create_table('wrong_code',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('identity_id', BIG_ID, nullable=False),
    _when('at'),
    sa.ForeignKeyConstraint(['identity_id'], ['channel_identity.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_wrong_code_identity', 'wrong_code', ['identity_id', 'at'])
    op.create_index('ix_wrong_code_at', 'wrong_code', ['at'])
    op.add_column('conversation', sa.Column('identity_id', BIG_ID, nullable=True))
    _name_who_began()


def _name_who_began() -> None:
    """So far every customer has one identity."""
    identity = sa.table('channel_identity', sa.column('id'), sa.column('customer_id'), sa.column('channel'))
    conversation = sa.table(
        'conversation', sa.column('identity_id'), sa.column('customer_id'), sa.column('channel')
    )
    own = (
        sa.select(sa.func.min(identity.c.id))
        .where(identity.c.customer_id == conversation.c.customer_id, identity.c.channel == conversation.c.channel)
        .scalar_subquery()
    )
    op.execute(conversation.update().values(identity_id=own))


def downgrade() -> None:
    op.drop_column('conversation', 'identity_id')
    op.drop_table('wrong_code')
    op.drop_table('link_code')

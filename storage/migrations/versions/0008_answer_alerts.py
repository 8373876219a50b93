"""answer alerts

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

import storage.database


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('answer_alert',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('items', sa.Text(), nullable=False),
    sa.Column('created_at', storage.database.UTCDateTime(timezone=True), nullable=False),
    sa.Column('channel', sa.String(), nullable=True),
    sa.Column('ts', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )


def downgrade() -> None:
    op.drop_table('answer_alert')

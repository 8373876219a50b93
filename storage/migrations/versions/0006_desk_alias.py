"""the desk's channels by the ids they had before Slack gave them others

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('desk_alias',
    sa.Column('old_id', sa.String(), nullable=False),
    sa.Column('new_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('old_id')
    )


def downgrade() -> None:
    op.drop_table('desk_alias')

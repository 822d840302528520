"""first tables"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

# What the tables themselves refuse, whoever writes to them. As it was on the day of this revision.
GUARDS = {
    "sqlite": [
        """CREATE TRIGGER IF NOT EXISTS staff_role_given BEFORE INSERT ON staff_role
WHEN EXISTS (SELECT 1 FROM staff_role AS held
  WHERE held.staff_id = NEW.staff_id AND held.role <> NEW.role AND (held.role IN ('auditor', 'administrator') OR NEW.role IN ('auditor', 'administrator')) )
BEGIN SELECT RAISE(ABORT, 'role_conflict'); END""",
        """CREATE TRIGGER IF NOT EXISTS staff_role_changed BEFORE UPDATE ON staff_role
WHEN EXISTS (SELECT 1 FROM staff_role AS held
  WHERE held.staff_id = NEW.staff_id AND held.role <> NEW.role AND (held.role IN ('auditor', 'administrator') OR NEW.role IN ('auditor', 'administrator')) AND NOT (held.staff_id = OLD.staff_id AND held.role = OLD.role))
BEGIN SELECT RAISE(ABORT, 'role_conflict'); END""",
        """CREATE TRIGGER IF NOT EXISTS movement_never_updated BEFORE UPDATE ON movement FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'movement is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS movement_never_deleted BEFORE DELETE ON movement FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'movement is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS money_entry_never_updated BEFORE UPDATE ON money_entry FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'money_entry is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS money_entry_never_deleted BEFORE DELETE ON money_entry FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'money_entry is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS receipt_never_updated BEFORE UPDATE OF "number", "case_id", "branch_id", "amount_fen", "items", "method", "reference", "by", "at", "day" ON receipt FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'receipt is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS receipt_never_deleted BEFORE DELETE ON receipt FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'receipt is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS day_close_final BEFORE UPDATE ON day_close FOR EACH ROW WHEN OLD.state IN ('closed', 'recounted') BEGIN SELECT RAISE(ABORT, 'day_close is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS day_close_never_deleted BEFORE DELETE ON day_close FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'day_close is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS branch_opens_no_day_again BEFORE UPDATE OF closed_through ON branch FOR EACH ROW WHEN OLD.closed_through IS NOT NULL AND (NEW.closed_through IS NULL OR NEW.closed_through < OLD.closed_through) BEGIN SELECT RAISE(ABORT, 'branch is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS movement_on_an_open_day BEFORE INSERT ON movement FOR EACH ROW WHEN EXISTS (SELECT 1 FROM branch WHERE branch.id = NEW.branch_id AND branch.closed_through >= NEW.day) BEGIN SELECT RAISE(ABORT, 'movement is of a day that is closed'); END""",
        """CREATE TRIGGER IF NOT EXISTS money_entry_on_an_open_day BEFORE INSERT ON money_entry FOR EACH ROW WHEN EXISTS (SELECT 1 FROM branch WHERE branch.id = NEW.branch_id AND branch.closed_through >= NEW.day) BEGIN SELECT RAISE(ABORT, 'money_entry is of a day that is closed'); END""",
        """CREATE TRIGGER IF NOT EXISTS receipt_on_an_open_day BEFORE INSERT ON receipt FOR EACH ROW WHEN EXISTS (SELECT 1 FROM branch WHERE branch.id = NEW.branch_id AND branch.closed_through >= NEW.day) BEGIN SELECT RAISE(ABORT, 'receipt is of a day that is closed'); END""",
        """CREATE TRIGGER IF NOT EXISTS edition_never_updated BEFORE UPDATE ON edition FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'edition is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS edition_never_deleted BEFORE DELETE ON edition FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'edition is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS edition_author_never_updated BEFORE UPDATE ON edition_author FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'edition_author is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS edition_author_never_deleted BEFORE DELETE ON edition_author FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'edition_author is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS access_review_never_updated BEFORE UPDATE ON access_review FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'access_review is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS access_review_never_deleted BEFORE DELETE ON access_review FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'access_review is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS edition_draft_final BEFORE UPDATE ON edition_draft FOR EACH ROW WHEN OLD.state IN ('published', 'dropped') BEGIN SELECT RAISE(ABORT, 'edition_draft is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS edition_draft_never_deleted BEFORE DELETE ON edition_draft FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'edition_draft is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS edition_draft_by_another BEFORE UPDATE OF published_by ON edition_draft FOR EACH ROW WHEN EXISTS (SELECT 1 FROM edition_author WHERE draft_id = NEW.id AND staff_id = NEW.published_by) BEGIN SELECT RAISE(ABORT, 'edition_draft is published by none of its authors'); END""",
        """CREATE TRIGGER IF NOT EXISTS edition_author_before BEFORE INSERT ON edition_author FOR EACH ROW WHEN EXISTS (SELECT 1 FROM edition_draft WHERE id = NEW.draft_id AND published_by IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'edition_author is published by none of its authors'); END""",
        """CREATE TRIGGER IF NOT EXISTS journal_line_never_deleted BEFORE DELETE ON journal_line FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'journal_line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS journal_line_never_updated BEFORE UPDATE OF "id", "at", "staff_id", "station_id", "platform_id", "branch_id", "case_id", "subject", "subject_id", "act", "before", "after" ON journal_line FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'journal_line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS journal_line_detail_kept BEFORE UPDATE OF detail ON journal_line FOR EACH ROW WHEN NOT EXISTS (SELECT 1 FROM case_file WHERE case_file.id = OLD.case_id AND case_file.destroyed_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'journal_line is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS shift_handover_final BEFORE UPDATE ON shift_handover FOR EACH ROW WHEN OLD.state IN ('accepted', 'declined') BEGIN SELECT RAISE(ABORT, 'shift_handover is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS exception_request_asked BEFORE UPDATE OF id, number, kind, case_id, branch_id, asked_by, asked_at ON exception_request FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'exception_request is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS exception_request_final BEFORE UPDATE OF state, state_since, expires_at, decided_by, decided_at, used_at, version ON exception_request FOR EACH ROW WHEN OLD.state IN ('refused', 'withdrawn', 'lapsed', 'used') BEGIN SELECT RAISE(ABORT, 'exception_request is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS supervisor_grant_given BEFORE UPDATE OF id, branch_id, case_id, token_id, granted_by, granted_at ON supervisor_grant FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'supervisor_grant is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS supervisor_grant_used BEFORE UPDATE OF expires_at, used_at, run_id, version ON supervisor_grant FOR EACH ROW WHEN OLD.used_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'supervisor_grant is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS supervisor_grant_not_revived BEFORE UPDATE OF expires_at, used_at ON supervisor_grant FOR EACH ROW WHEN NEW.expires_at > OLD.expires_at OR (OLD.used_at IS NULL AND NEW.used_at > OLD.expires_at) BEGIN SELECT RAISE(ABORT, 'supervisor_grant is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS exception_request_written BEFORE UPDATE OF reason, decision, content ON exception_request FOR EACH ROW WHEN OLD.state IN ('refused', 'withdrawn', 'lapsed', 'used') AND NOT (EXISTS (SELECT 1 FROM case_file WHERE case_file.id = OLD.case_id AND case_file.destroyed_at IS NOT NULL) AND CAST(NEW.reason AS TEXT) IN ('', '{}') AND CAST(NEW.decision AS TEXT) IN ('', '{}') AND CAST(NEW.content AS TEXT) IN ('', '{}')) BEGIN SELECT RAISE(ABORT, 'exception_request is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS supervisor_grant_written BEFORE UPDATE OF reason ON supervisor_grant FOR EACH ROW WHEN 1 = 1 AND NOT (EXISTS (SELECT 1 FROM case_file WHERE case_file.id = OLD.case_id AND case_file.destroyed_at IS NOT NULL) AND CAST(NEW.reason AS TEXT) IN ('', '{}')) BEGIN SELECT RAISE(ABORT, 'supervisor_grant is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS shift_handover_never_deleted BEFORE DELETE ON shift_handover FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'shift_handover is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS exception_request_never_deleted BEFORE DELETE ON exception_request FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'exception_request is never changed'); END""",
        """CREATE TRIGGER IF NOT EXISTS supervisor_grant_never_deleted BEFORE DELETE ON supervisor_grant FOR EACH ROW BEGIN SELECT RAISE(ABORT, 'supervisor_grant is never changed'); END""",
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION staff_role_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM staff WHERE id = NEW.staff_id FOR NO KEY UPDATE;
  IF TG_OP = 'UPDATE' THEN
    IF EXISTS (SELECT 1 FROM staff_role AS held
  WHERE held.staff_id = NEW.staff_id AND held.role <> NEW.role AND (held.role IN ('auditor', 'administrator') OR NEW.role IN ('auditor', 'administrator')) AND NOT (held.staff_id = OLD.staff_id AND held.role = OLD.role)) THEN
      RAISE EXCEPTION 'role_conflict' USING ERRCODE = 'check_violation';
    END IF;
  ELSIF EXISTS (SELECT 1 FROM staff_role AS held
  WHERE held.staff_id = NEW.staff_id AND held.role <> NEW.role AND (held.role IN ('auditor', 'administrator') OR NEW.role IN ('auditor', 'administrator'))) THEN
    RAISE EXCEPTION 'role_conflict' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$""",
        """CREATE OR REPLACE TRIGGER staff_role_alone BEFORE INSERT OR UPDATE ON staff_role
FOR EACH ROW EXECUTE FUNCTION staff_role_alone()""",
        """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is never changed', ERRCODE = 'check_violation'; END $$""",
        """CREATE OR REPLACE FUNCTION refuse_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE closed date;
        BEGIN
            SELECT closed_through INTO closed FROM branch WHERE id = NEW.branch_id FOR SHARE;
            IF closed >= NEW.day THEN
                RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is of a day that is closed', ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$""",
        """CREATE OR REPLACE FUNCTION refuse_own_edition() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE found integer;
        BEGIN
            IF TG_TABLE_NAME = 'edition_draft' THEN
                found := (SELECT 1 FROM edition_author WHERE draft_id = NEW.id AND staff_id = NEW.published_by);
            ELSE
                PERFORM 1 FROM edition_draft WHERE id = NEW.draft_id FOR SHARE;
                found := (SELECT 1 FROM edition_draft WHERE id = NEW.draft_id AND published_by IS NOT NULL);
            END IF;
            IF found IS NOT NULL THEN
                RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is published by none of its authors', ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$""",
        """CREATE OR REPLACE TRIGGER movement_never_changed BEFORE UPDATE OR DELETE ON movement FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER money_entry_never_changed BEFORE UPDATE OR DELETE ON money_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER edition_never_changed BEFORE UPDATE OR DELETE ON edition FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER edition_author_never_changed BEFORE UPDATE OR DELETE ON edition_author FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER access_review_never_changed BEFORE UPDATE OR DELETE ON access_review FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER edition_draft_final BEFORE UPDATE ON edition_draft FOR EACH ROW WHEN (OLD.state IN ('published', 'dropped')) EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER edition_draft_never_deleted BEFORE DELETE ON edition_draft FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER receipt_never_updated BEFORE UPDATE OF "number", "case_id", "branch_id", "amount_fen", "items", "method", "reference", "by", "at", "day" ON receipt FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER receipt_never_deleted BEFORE DELETE ON receipt FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER day_close_final BEFORE UPDATE ON day_close FOR EACH ROW WHEN (OLD.state IN ('closed', 'recounted')) EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER day_close_never_deleted BEFORE DELETE ON day_close FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER branch_opens_no_day_again BEFORE UPDATE OF closed_through ON branch FOR EACH ROW WHEN (OLD.closed_through IS NOT NULL AND (NEW.closed_through IS NULL OR NEW.closed_through < OLD.closed_through)) EXECUTE FUNCTION refuse_change()""",
        """CREATE OR REPLACE TRIGGER movement_on_an_open_day BEFORE INSERT ON movement FOR EACH ROW EXECUTE FUNCTION refuse_closed_day()""",
        """CREATE OR REPLACE TRIGGER money_entry_on_an_open_day BEFORE INSERT ON money_entry FOR EACH ROW EXECUTE FUNCTION refuse_closed_day()""",
        """CREATE OR REPLACE TRIGGER receipt_on_an_open_day BEFORE INSERT ON receipt FOR EACH ROW EXECUTE FUNCTION refuse_closed_day()""",
        """CREATE OR REPLACE TRIGGER edition_draft_by_another BEFORE UPDATE OF published_by ON edition_draft FOR EACH ROW EXECUTE FUNCTION refuse_own_edition()""",
        """CREATE OR REPLACE TRIGGER edition_author_before BEFORE INSERT ON edition_author FOR EACH ROW EXECUTE FUNCTION refuse_own_edition()""",
        """CREATE OR REPLACE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_ARGV[0] = 'detail' AND EXISTS (SELECT 1 FROM case_file WHERE case_file.id = OLD.case_id AND case_file.destroyed_at IS NOT NULL) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'journal_line is never changed' USING ERRCODE = 'check_violation';
        END $$""",
        """CREATE OR REPLACE TRIGGER journal_line_never_deleted BEFORE DELETE ON journal_line FOR EACH ROW EXECUTE FUNCTION refuse_journal_change('whole')""",
        """CREATE OR REPLACE TRIGGER journal_line_never_truncated BEFORE TRUNCATE ON journal_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_change('whole')""",
        """CREATE OR REPLACE TRIGGER journal_line_never_updated BEFORE UPDATE OF "id", "at", "staff_id", "station_id", "platform_id", "branch_id", "case_id", "subject", "subject_id", "act", "before", "after" ON journal_line FOR EACH ROW EXECUTE FUNCTION refuse_journal_change('whole')""",
        """CREATE OR REPLACE TRIGGER journal_line_detail_kept BEFORE UPDATE OF detail ON journal_line FOR EACH ROW EXECUTE FUNCTION refuse_journal_change('detail')""",
        """CREATE OR REPLACE FUNCTION refuse_other_answer() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_ARGV[0] = 'blanked' THEN
                IF EXISTS (SELECT 1 FROM case_file WHERE case_file.id = OLD.case_id AND case_file.destroyed_at IS NOT NULL) THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is never changed', ERRCODE = 'check_violation';
        END $$""",
        """CREATE OR REPLACE TRIGGER shift_handover_final BEFORE UPDATE ON shift_handover FOR EACH ROW WHEN (OLD.state IN ('accepted', 'declined')) EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER exception_request_asked BEFORE UPDATE OF id, number, kind, case_id, branch_id, asked_by, asked_at ON exception_request FOR EACH ROW EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER exception_request_final BEFORE UPDATE OF state, state_since, expires_at, decided_by, decided_at, used_at, version ON exception_request FOR EACH ROW WHEN (OLD.state IN ('refused', 'withdrawn', 'lapsed', 'used')) EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER supervisor_grant_given BEFORE UPDATE OF id, branch_id, case_id, token_id, granted_by, granted_at ON supervisor_grant FOR EACH ROW EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER supervisor_grant_used BEFORE UPDATE OF expires_at, used_at, run_id, version ON supervisor_grant FOR EACH ROW WHEN (OLD.used_at IS NOT NULL) EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER supervisor_grant_not_revived BEFORE UPDATE OF expires_at, used_at ON supervisor_grant FOR EACH ROW WHEN (NEW.expires_at > OLD.expires_at OR (OLD.used_at IS NULL AND NEW.used_at > OLD.expires_at)) EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER shift_handover_never_deleted BEFORE DELETE ON shift_handover FOR EACH ROW EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER exception_request_never_deleted BEFORE DELETE ON exception_request FOR EACH ROW EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER supervisor_grant_never_deleted BEFORE DELETE ON supervisor_grant FOR EACH ROW EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER exception_request_written BEFORE UPDATE OF reason, decision, content ON exception_request FOR EACH ROW WHEN ((OLD.state IN ('refused', 'withdrawn', 'lapsed', 'used')) AND NOT (CAST(NEW.reason AS TEXT) IN ('', '{}') AND CAST(NEW.decision AS TEXT) IN ('', '{}') AND CAST(NEW.content AS TEXT) IN ('', '{}'))) EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER exception_request_blanked BEFORE UPDATE OF reason, decision, content ON exception_request FOR EACH ROW WHEN ((OLD.state IN ('refused', 'withdrawn', 'lapsed', 'used')) AND CAST(NEW.reason AS TEXT) IN ('', '{}') AND CAST(NEW.decision AS TEXT) IN ('', '{}') AND CAST(NEW.content AS TEXT) IN ('', '{}')) EXECUTE FUNCTION refuse_other_answer('blanked')""",
        """CREATE OR REPLACE TRIGGER supervisor_grant_written BEFORE UPDATE OF reason ON supervisor_grant FOR EACH ROW WHEN ((1 = 1) AND NOT (CAST(NEW.reason AS TEXT) IN ('', '{}'))) EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER supervisor_grant_blanked BEFORE UPDATE OF reason ON supervisor_grant FOR EACH ROW WHEN ((1 = 1) AND CAST(NEW.reason AS TEXT) IN ('', '{}')) EXECUTE FUNCTION refuse_other_answer('blanked')""",
        """CREATE OR REPLACE TRIGGER shift_handover_never_truncated BEFORE TRUNCATE ON shift_handover FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER exception_request_never_truncated BEFORE TRUNCATE ON exception_request FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_answer('whole')""",
        """CREATE OR REPLACE TRIGGER supervisor_grant_never_truncated BEFORE TRUNCATE ON supervisor_grant FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_answer('whole')""",
    ],
}
REMOVALS = {
    "sqlite": [
        """DROP TRIGGER IF EXISTS staff_role_given""",
        """DROP TRIGGER IF EXISTS staff_role_changed""",
    ],
    "postgresql": [
        """DROP FUNCTION IF EXISTS refuse_change()""",
        """DROP FUNCTION IF EXISTS refuse_closed_day()""",
        """DROP FUNCTION IF EXISTS refuse_own_edition()""",
        """DROP FUNCTION IF EXISTS refuse_journal_change()""",
        """DROP FUNCTION IF EXISTS refuse_other_answer()""",
        """DROP FUNCTION IF EXISTS staff_role_alone() CASCADE""",
    ],
}


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table('applicant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('credit_code', sa.String(length=18), nullable=False),
    sa.Column('kind', sa.Enum('enterprise', 'government_organ', 'public_institution', 'social_organisation', 'joint_operation', 'branch', 'private_non_enterprise', 'individual_business', 'military_unit', name='applicantkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('has_seal', sa.Boolean(), nullable=False),
    sa.Column('named_after_proprietor', sa.Boolean(), nullable=False),
    sa.Column('holds_code_bearing_licence', sa.Boolean(), nullable=False),
    sa.Column('established_on', sa.Date(), nullable=True),
    sa.Column('legal_representative', sa.String(length=60), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('certificates_promised', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_applicant')),
    sa.UniqueConstraint('credit_code', name=op.f('uq_applicant_credit_code'))
    )
    with op.batch_alter_table('applicant', schema=None) as batch_op:
        batch_op.create_index('ix_applicant_kind_id', ['kind', 'id', 'name'], unique=False)
        batch_op.create_index(batch_op.f('ix_applicant_name'), ['name'], unique=False)

    op.create_table('branch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=8), nullable=False),
    sa.Column('name_zh', sa.String(length=80), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('telephone', sa.String(length=40), nullable=False),
    sa.Column('is_local_tax', sa.Boolean(), nullable=False),
    sa.Column('closed_through', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_branch')),
    sa.UniqueConstraint('code', name=op.f('uq_branch_code'))
    )
    op.create_table('counter',
    sa.Column('series', sa.String(length=60), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('series', name=op.f('pk_counter'))
    )
    op.create_table('edition',
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('effective_from', sa.Date(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_edition')),
    sa.UniqueConstraint('effective_from', name=op.f('uq_edition_effective_from'))
    )
    op.create_table('login_failure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_failure')),
    sa.UniqueConstraint('address', name=op.f('uq_login_failure_address'))
    )
    op.create_table('office_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('private_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('public', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('signs_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_office_key')),
    sa.UniqueConstraint('name', name=op.f('uq_office_key_name'))
    )
    op.create_table('platform',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=24), nullable=False),
    sa.Column('name_zh', sa.String(length=80), nullable=False),
    sa.Column('name_en', sa.String(length=120), nullable=False),
    sa.Column('telephone', sa.String(length=40), nullable=False),
    sa.Column('registry_authority', sa.String(length=80), nullable=False),
    sa.Column('state', sa.Enum('active', 'disabled', name='platformstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('renewal_keeps', sa.Boolean(), nullable=False),
    sa.Column('replacement_keeps', sa.Boolean(), nullable=False),
    sa.Column('one_of_several', sa.Boolean(), nullable=False),
    sa.Column('wanted_use', sa.Enum('tax', 'annual_inspection', 'e_seal', name='wanted_use', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('client_id', sa.String(length=40), nullable=False),
    sa.Column('secret_digest', sa.String(length=64), nullable=True),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('calls_a_minute', sa.Integer(), nullable=False),
    sa.Column('webhook_url', sa.String(length=300), nullable=False),
    sa.Column('rests_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('events_told', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_platform')),
    sa.UniqueConstraint('client_id', name=op.f('uq_platform_client_id')),
    sa.UniqueConstraint('code', name=op.f('uq_platform_code'))
    )
    op.create_table('revocation_list',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('this_update', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_update', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('content_digest', sa.String(length=64), nullable=False),
    sa.Column('der', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_revocation_list'))
    )
    op.create_table('stray_certificate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('serial', sa.String(length=40), nullable=False),
    sa.Column('transaction', sa.String(length=64), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stray_certificate')),
    sa.UniqueConstraint('serial', name=op.f('uq_stray_certificate_serial'))
    )
    op.create_table('applicant_bigram',
    sa.Column('bigram', sa.String(length=2), nullable=False),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['applicant_id'], ['applicant.id'], name=op.f('fk_applicant_bigram_applicant_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('bigram', 'applicant_id', name=op.f('pk_applicant_bigram'))
    )
    op.create_table('idempotent_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('platform_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('request_digest', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('answer', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_idempotent_answer_platform_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idempotent_answer')),
    sa.UniqueConstraint('platform_id', 'key', name=op.f('uq_idempotent_answer_platform_id_key'))
    )
    with op.batch_alter_table('idempotent_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotent_answer_at'), ['at'], unique=False)

    op.create_table('low_water',
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('token', 'envelope', name='stockkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('mark', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_low_water_branch_id')),
    sa.PrimaryKeyConstraint('branch_id', 'kind', name=op.f('pk_low_water'))
    )
    op.create_table('platform_access',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('platform_id', sa.Integer(), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_platform_access_platform_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_platform_access')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_platform_access_token_digest'))
    )
    with op.batch_alter_table('platform_access', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_platform_access_platform_id'), ['platform_id'], unique=False)

    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=16), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('state', sa.Enum('active', 'disabled', name='staffstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=True),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('password_is_demo', sa.Boolean(), nullable=False),
    sa.Column('must_change_password', sa.Boolean(), nullable=False),
    sa.Column('totp_secret', sa.LargeBinary(), nullable=True),
    sa.Column('totp_last_step', sa.Integer(), nullable=False),
    sa.Column('failed_logins', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('reset_by', sa.Integer(), nullable=True),
    sa.Column('reset_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reset_read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reset_agreed_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('reset_agreed_by <> id AND reset_agreed_by <> reset_by', name=op.f('ck_staff_two_people')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_staff_branch_id')),
    sa.ForeignKeyConstraint(['reset_agreed_by'], ['staff.id'], name=op.f('fk_staff_reset_agreed_by')),
    sa.ForeignKeyConstraint(['reset_by'], ['staff.id'], name=op.f('fk_staff_reset_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('number', name=op.f('uq_staff_number'))
    )
    op.create_table('station',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('awaiting_enrolment', 'enrolled', 'disabled', name='stationstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('enrol_digest', sa.String(length=64), nullable=True),
    sa.Column('enrol_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('secret_digest', sa.String(length=64), nullable=True),
    sa.Column('boot_id', sa.String(length=40), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_station_branch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_station')),
    sa.UniqueConstraint('enrol_digest', name=op.f('uq_station_enrol_digest')),
    sa.UniqueConstraint('secret_digest', name=op.f('uq_station_secret_digest'))
    )
    with op.batch_alter_table('station', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_station_branch_id'), ['branch_id'], unique=False)

    op.create_table('token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('serial', sa.String(length=40), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('announced', 'in_stock', 'in_ceremony', 'made', 'handed_over', 'spoiled', 'returned', 'lost', 'in_transit', 'missing', name='tokenstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('officer_master', sa.Integer(), nullable=False),
    sa.Column('officer_epoch', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_token_branch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_token')),
    sa.UniqueConstraint('serial', name=op.f('uq_token_serial'))
    )
    with op.batch_alter_table('token', schema=None) as batch_op:
        batch_op.create_index('ix_token_branch_serial', ['branch_id', 'serial'], unique=False)
        batch_op.create_index('ix_token_branch_state_serial', ['branch_id', 'state', 'serial'], unique=False)

    op.create_table('access_review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=True),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('remark', sa.String(length=200), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_access_review_branch_id')),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_access_review_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_review')),
    sa.UniqueConstraint('number', name=op.f('uq_access_review_number'))
    )
    with op.batch_alter_table('access_review', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_access_review_branch_id'), ['branch_id'], unique=False)

    op.create_table('case_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.Enum('new', 'additional', 'renewal', 'amendment', 'replacement_damaged', 'replacement_lost', 'unlock', 'suspension', 'resumption', 'revocation', 'binding_reset', 'rebinding', 'credentials_reset', name='casekind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('draft', 'correction', 'in_review', 'awaiting_grant', 'returned', 'refused', 'withdrawn', 'awaiting_payment', 'ready_to_issue', 'issuing', 'awaiting_handover', 'awaiting_acknowledgement', 'awaiting_answer', 'closed', name='casestate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('opened_by', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reviewed_by', sa.Integer(), nullable=True),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=True),
    sa.Column('draft', sa.JSON(), nullable=False),
    sa.Column('certificates_asked', sa.Integer(), nullable=False),
    sa.Column('uses', sa.JSON(), nullable=False),
    sa.Column('key_profile', sa.String(length=20), nullable=False),
    sa.Column('computer_code', sa.String(length=40), nullable=False),
    sa.Column('tax_numbers_differ', sa.Boolean(), nullable=False),
    sa.Column('presenter_is_proprietor', sa.Boolean(), nullable=False),
    sa.Column('presenter_name', sa.String(length=60), nullable=False),
    sa.Column('presenter_id_kind', sa.Enum('resident_card', 'hmt_residence_permit', 'hm_travel_permit', 'tw_travel_permit', 'foreigner_residence_card', 'passport', 'military_card', name='identitykind', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('presenter_id_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('presenter_id_digest', sa.String(length=64), nullable=True),
    sa.Column('presenter_mobile_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('remark', sa.Text(), nullable=False),
    sa.Column('certificate_id', sa.Integer(), nullable=True),
    sa.Column('token_id', sa.Integer(), nullable=True),
    sa.Column('platform_id', sa.Integer(), nullable=True),
    sa.Column('new_name', sa.String(length=120), nullable=False),
    sa.Column('new_credit_code', sa.String(length=18), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('edition', sa.String(length=20), nullable=False),
    sa.Column('fee_total_fen', sa.Integer(), nullable=True),
    sa.Column('destroyed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['applicant_id'], ['applicant.id'], name=op.f('fk_case_file_applicant_id')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_case_file_branch_id')),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificate.id'], name='fk_case_file_certificate_id', use_alter=True),
    sa.ForeignKeyConstraint(['opened_by'], ['staff.id'], name=op.f('fk_case_file_opened_by')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_case_file_platform_id')),
    sa.ForeignKeyConstraint(['reviewed_by'], ['staff.id'], name=op.f('fk_case_file_reviewed_by')),
    sa.ForeignKeyConstraint(['token_id'], ['token.id'], name=op.f('fk_case_file_token_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_file')),
    sa.UniqueConstraint('number', name=op.f('uq_case_file_number'))
    )
    with op.batch_alter_table('case_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_file_applicant_id'), ['applicant_id'], unique=False)
        batch_op.create_index('ix_case_file_branch_closed_at', ['branch_id', 'closed_at'], unique=False)
        batch_op.create_index('ix_case_file_branch_id_id', ['branch_id', 'id'], unique=False)
        batch_op.create_index('ix_case_file_branch_kind_id', ['branch_id', 'kind', 'id'], unique=False)
        batch_op.create_index('ix_case_file_branch_opened_at', ['branch_id', 'opened_at'], unique=False)
        batch_op.create_index('ix_case_file_branch_state_id', ['branch_id', 'state', 'id'], unique=False)
        batch_op.create_index('ix_case_file_branch_state_kind_id', ['branch_id', 'state', 'kind', 'id'], unique=False)
        batch_op.create_index('ix_case_file_branch_state_since', ['branch_id', 'state', 'state_since'], unique=False)
        batch_op.create_index('ix_case_file_certificate_id', ['certificate_id'], unique=False, sqlite_where=sa.text('certificate_id IS NOT NULL'), postgresql_where=sa.text('certificate_id IS NOT NULL'))
        batch_op.create_index('ix_case_file_kept_branch_closed_at', ['branch_id', 'closed_at', 'id'], unique=False, sqlite_where=sa.text('destroyed_at IS NULL AND closed_at IS NOT NULL'), postgresql_where=sa.text('destroyed_at IS NULL AND closed_at IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_case_file_opened_at'), ['opened_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_file_opened_by'), ['opened_by'], unique=False)
        batch_op.create_index('ix_case_file_platform_branch_id', ['platform_id', 'branch_id', 'id'], unique=False, sqlite_where=sa.text('platform_id IS NOT NULL'), postgresql_where=sa.text('platform_id IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_case_file_presenter_id_digest'), ['presenter_id_digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_case_file_token_id'), ['token_id'], unique=False)
        batch_op.create_index('uq_case_file_open_per_certificate_id', ['certificate_id'], unique=True, sqlite_where=sa.text("kind <> 'unlock' AND kind NOT IN ('binding_reset', 'rebinding', 'credentials_reset') AND state NOT IN ('refused', 'withdrawn', 'closed')"), postgresql_where=sa.text("kind <> 'unlock' AND kind NOT IN ('binding_reset', 'rebinding', 'credentials_reset') AND state NOT IN ('refused', 'withdrawn', 'closed')"))
        batch_op.create_index('uq_case_file_open_per_new_credit_code', ['new_credit_code'], unique=True, sqlite_where=sa.text("new_credit_code <> '' AND state NOT IN ('refused', 'withdrawn', 'closed')"), postgresql_where=sa.text("new_credit_code <> '' AND state NOT IN ('refused', 'withdrawn', 'closed')"))
        batch_op.create_index('uq_case_file_open_per_platform_and_kind', ['platform_id', 'applicant_id', 'kind'], unique=True, sqlite_where=sa.text("platform_id IS NOT NULL AND state NOT IN ('refused', 'withdrawn', 'closed')"), postgresql_where=sa.text("platform_id IS NOT NULL AND state NOT IN ('refused', 'withdrawn', 'closed')"))
        batch_op.create_index('uq_case_file_open_per_unlocked_certificate_id', ['certificate_id'], unique=True, sqlite_where=sa.text("kind = 'unlock' AND state NOT IN ('refused', 'withdrawn', 'closed')"), postgresql_where=sa.text("kind = 'unlock' AND state NOT IN ('refused', 'withdrawn', 'closed')"))

    op.create_table('day_close',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('state', sa.Enum('counted', 'closed', 'recounted', name='daystate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('counted', sa.JSON(), nullable=False),
    sa.Column('sheet', sa.JSON(), nullable=False),
    sa.Column('counted_by', sa.Integer(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('countersigned_by', sa.Integer(), nullable=True),
    sa.Column('countersigned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('countersigned_by <> counted_by', name=op.f('ck_day_close_two_people')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_day_close_branch_id')),
    sa.ForeignKeyConstraint(['counted_by'], ['staff.id'], name=op.f('fk_day_close_counted_by')),
    sa.ForeignKeyConstraint(['countersigned_by'], ['staff.id'], name=op.f('fk_day_close_countersigned_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_day_close')),
    sa.UniqueConstraint('number', name=op.f('uq_day_close_number'))
    )
    with op.batch_alter_table('day_close', schema=None) as batch_op:
        batch_op.create_index('ix_day_close_branch_day', ['branch_id', 'day'], unique=False)
        batch_op.create_index('uq_day_close_standing_per_branch_and_day', ['branch_id', 'day'], unique=True, sqlite_where=sa.text("state <> 'recounted'"), postgresql_where=sa.text("state <> 'recounted'"))

    op.create_table('destruction_list',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'approved_once', 'approved', 'destroyed', 'dropped', name='destructionstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('case_ids', sa.JSON(), nullable=False),
    sa.Column('spared_ids', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('proposed_by', sa.Integer(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('first_by', sa.Integer(), nullable=True),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('second_by', sa.Integer(), nullable=True),
    sa.Column('second_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('destroyed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('first_by <> proposed_by', name=op.f('ck_destruction_list_first_is_another')),
    sa.CheckConstraint('second_by <> proposed_by AND second_by <> first_by', name=op.f('ck_destruction_list_second_is_a_third')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_destruction_list_branch_id')),
    sa.ForeignKeyConstraint(['first_by'], ['staff.id'], name=op.f('fk_destruction_list_first_by')),
    sa.ForeignKeyConstraint(['proposed_by'], ['staff.id'], name=op.f('fk_destruction_list_proposed_by')),
    sa.ForeignKeyConstraint(['second_by'], ['staff.id'], name=op.f('fk_destruction_list_second_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_destruction_list')),
    sa.UniqueConstraint('number', name=op.f('uq_destruction_list_number'))
    )
    with op.batch_alter_table('destruction_list', schema=None) as batch_op:
        batch_op.create_index('ix_destruction_list_branch_id_id', ['branch_id', 'id'], unique=False)
        batch_op.create_index('ix_destruction_list_state_id', ['state', 'id'], unique=False)

    op.create_table('envelope',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('announced', 'in_stock', 'allotted', 'live', 'void', 'in_transit', 'spoiled', 'returned', 'missing', name='envelopestate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('token_id', sa.Integer(), nullable=True),
    sa.Column('pin_id', sa.String(length=64), nullable=True),
    sa.Column('void_reason', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_envelope_branch_id')),
    sa.ForeignKeyConstraint(['token_id'], ['token.id'], name=op.f('fk_envelope_token_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_envelope')),
    sa.UniqueConstraint('number', name=op.f('uq_envelope_number')),
    sa.UniqueConstraint('pin_id', name=op.f('uq_envelope_pin_id'))
    )
    with op.batch_alter_table('envelope', schema=None) as batch_op:
        batch_op.create_index('ix_envelope_branch_number', ['branch_id', 'number'], unique=False)
        batch_op.create_index('ix_envelope_branch_state_number', ['branch_id', 'state', 'number'], unique=False)
        batch_op.create_index(batch_op.f('ix_envelope_token_id'), ['token_id'], unique=False)
        batch_op.create_index('uq_envelope_live_per_token', ['token_id'], unique=True, sqlite_where=sa.text("state IN ('allotted', 'live')"), postgresql_where=sa.text("state IN ('allotted', 'live')"))

    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('stock_import', 'list_export', 'edition_preview', 'period_report', 'destruction', 'trace_check', name='jobkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'running', 'done', 'failed', 'cancelled', name='jobstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=True),
    sa.Column('asked_by', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('question', sa.JSON(), nullable=False),
    sa.Column('steps_done', sa.Integer(), nullable=False),
    sa.Column('steps_all', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.JSON(), nullable=False),
    sa.Column('fault', sa.String(length=40), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('content_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['asked_by'], ['staff.id'], name=op.f('fk_job_asked_by')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_job_branch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_job_asked_by'), ['asked_by'], unique=False)
        batch_op.create_index('ix_job_branch_id_id', ['branch_id', 'id'], unique=False)
        batch_op.create_index('ix_job_open', ['state', 'id'], unique=False, sqlite_where=sa.text("state IN ('waiting', 'running')"), postgresql_where=sa.text("state IN ('waiting', 'running')"))

    op.create_table('saved_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('room', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('filters', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_saved_view_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('staff_id', 'room', 'name', name=op.f('uq_saved_view_staff_id_room_name'))
    )
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_view_staff_id'), ['staff_id'], unique=False)

    op.create_table('shift_handover',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('state', sa.Enum('offered', 'accepted', 'declined', name='shiftstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('counted', sa.JSON(), nullable=False),
    sa.Column('sheet', sa.JSON(), nullable=False),
    sa.Column('given_by', sa.Integer(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('given_by <> taken_by', name=op.f('ck_shift_handover_two_people')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_shift_handover_branch_id')),
    sa.ForeignKeyConstraint(['given_by'], ['staff.id'], name=op.f('fk_shift_handover_given_by')),
    sa.ForeignKeyConstraint(['taken_by'], ['staff.id'], name=op.f('fk_shift_handover_taken_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shift_handover')),
    sa.UniqueConstraint('number', name=op.f('uq_shift_handover_number'))
    )
    with op.batch_alter_table('shift_handover', schema=None) as batch_op:
        batch_op.create_index('ix_shift_handover_branch_day', ['branch_id', 'day'], unique=False)
        batch_op.create_index('uq_shift_handover_offered_per_giver', ['given_by'], unique=True, sqlite_where=sa.text("state = 'offered'"), postgresql_where=sa.text("state = 'offered'"))

    op.create_table('staff_role',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('clerk', 'reviewer', 'supervisor', 'auditor', 'administrator', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_role_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', 'role', name=op.f('pk_staff_role'))
    )
    op.create_table('staff_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('proven_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_session_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_session')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_staff_session_token_digest'))
    )
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_session_staff_id'), ['staff_id'], unique=False)

    op.create_table('stock_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('previewed', 'taking', 'imported', 'dropped', name='importstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lines', sa.JSON(), nullable=False),
    sa.Column('faulty', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('announced', sa.Integer(), nullable=False),
    sa.Column('booked', sa.Integer(), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_stock_import_branch_id')),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_stock_import_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_import'))
    )
    with op.batch_alter_table('stock_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stock_import_branch_id'), ['branch_id'], unique=False)

    op.create_table('transfer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.Enum('token', 'envelope', name='stockkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('sent', 'differs', 'settled', name='transferstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('from_branch_id', sa.Integer(), nullable=False),
    sa.Column('to_branch_id', sa.Integer(), nullable=False),
    sa.Column('serials', sa.JSON(), nullable=False),
    sa.Column('arrived', sa.JSON(), nullable=False),
    sa.Column('explanation', sa.String(length=200), nullable=False),
    sa.Column('sent_by', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_by', sa.Integer(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('from_branch_id <> to_branch_id', name=op.f('ck_transfer_two_branches')),
    sa.ForeignKeyConstraint(['from_branch_id'], ['branch.id'], name=op.f('fk_transfer_from_branch_id')),
    sa.ForeignKeyConstraint(['received_by'], ['staff.id'], name=op.f('fk_transfer_received_by')),
    sa.ForeignKeyConstraint(['sent_by'], ['staff.id'], name=op.f('fk_transfer_sent_by')),
    sa.ForeignKeyConstraint(['to_branch_id'], ['branch.id'], name=op.f('fk_transfer_to_branch_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfer')),
    sa.UniqueConstraint('number', name=op.f('uq_transfer_number'))
    )
    with op.batch_alter_table('transfer', schema=None) as batch_op:
        batch_op.create_index('ix_transfer_from_branch_id_id', ['from_branch_id', 'id'], unique=False)
        batch_op.create_index('ix_transfer_to_branch_id_id', ['to_branch_id', 'id'], unique=False)

    op.create_table('case_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('ordered', 'in_ceremony', 'made', 'handed_over', 'given_up', name='itemstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('fee_fen', sa.Integer(), nullable=False),
    sa.Column('work', sa.Enum('issue', 'rekey', 'unlock', name='work', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_case_item_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_item')),
    sa.UniqueConstraint('case_id', 'position', name=op.f('uq_case_item_case_id_position'))
    )
    op.create_table('delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('token', 'envelope', name='stockkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('supplier', sa.String(length=80), nullable=False),
    sa.Column('note_number', sa.String(length=40), nullable=False),
    sa.Column('first_serial', sa.String(length=40), nullable=False),
    sa.Column('last_serial', sa.String(length=40), nullable=False),
    sa.Column('counted', sa.Integer(), nullable=False),
    sa.Column('lacking', sa.JSON(), nullable=False),
    sa.Column('remark', sa.String(length=200), nullable=False),
    sa.Column('import_id', sa.Integer(), nullable=True),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_delivery_branch_id')),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_delivery_by')),
    sa.ForeignKeyConstraint(['import_id'], ['stock_import.id'], name=op.f('fk_delivery_import_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('branch_id', 'kind', 'note_number', 'first_serial', name=op.f('uq_delivery_branch_id_kind_note_number_first_serial')),
    sa.UniqueConstraint('number', name=op.f('uq_delivery_number'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index('ix_delivery_branch_id_id', ['branch_id', 'id'], unique=False)

    op.create_table('destruction_trace',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('case_number', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.Column('kept_until', sa.Date(), nullable=False),
    sa.Column('record_digest', sa.String(length=64), nullable=False),
    sa.Column('scans', sa.Integer(), nullable=False),
    sa.Column('complete', sa.Boolean(), nullable=False),
    sa.Column('chain', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_destruction_trace_case_id')),
    sa.ForeignKeyConstraint(['list_id'], ['destruction_list.id'], name=op.f('fk_destruction_trace_list_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_destruction_trace')),
    sa.UniqueConstraint('case_id', name=op.f('uq_destruction_trace_case_id')),
    sa.UniqueConstraint('number', name=op.f('uq_destruction_trace_number'))
    )
    with op.batch_alter_table('destruction_trace', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_destruction_trace_list_id'), ['list_id'], unique=False)

    op.create_table('document_set',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=True),
    sa.Column('seal_at_counter', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_document_set_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document_set')),
    sa.UniqueConstraint('case_id', 'position', name=op.f('uq_document_set_case_id_position'))
    )
    op.create_table('edition_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('state', sa.Enum('draft', 'proposed', 'published', 'dropped', name='draftstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('based_on', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('written_by', sa.Integer(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('preview_id', sa.Integer(), nullable=True),
    sa.Column('proposed_by', sa.Integer(), nullable=True),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.Integer(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('published_by <> proposed_by AND published_by <> written_by', name=op.f('ck_edition_draft_two_people')),
    sa.ForeignKeyConstraint(['preview_id'], ['job.id'], name=op.f('fk_edition_draft_preview_id')),
    sa.ForeignKeyConstraint(['proposed_by'], ['staff.id'], name=op.f('fk_edition_draft_proposed_by')),
    sa.ForeignKeyConstraint(['published_by'], ['staff.id'], name=op.f('fk_edition_draft_published_by')),
    sa.ForeignKeyConstraint(['written_by'], ['staff.id'], name=op.f('fk_edition_draft_written_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_edition_draft'))
    )
    with op.batch_alter_table('edition_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_edition_draft_code'), ['code'], unique=False)
        batch_op.create_index('uq_edition_draft_open_code', ['code'], unique=True, sqlite_where=sa.text("state IN ('draft', 'proposed')"), postgresql_where=sa.text("state IN ('draft', 'proposed')"))

    op.create_table('examination',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('question', sa.JSON(), nullable=False),
    sa.Column('answer', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_examination_by')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_examination_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_examination'))
    )
    with op.batch_alter_table('examination', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_examination_case_id'), ['case_id'], unique=False)

    op.create_table('exception_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.Enum('fee_waiver', 'admission', 'refund', 'correction', name='exceptionkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('asked', 'granted', 'used', 'refused', 'withdrawn', 'lapsed', name='exceptionstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision', sa.String(length=200), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('decided_by <> asked_by', name=op.f('ck_exception_request_two_people')),
    sa.ForeignKeyConstraint(['asked_by'], ['staff.id'], name=op.f('fk_exception_request_asked_by')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_exception_request_branch_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_exception_request_case_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['staff.id'], name=op.f('fk_exception_request_decided_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exception_request')),
    sa.UniqueConstraint('number', name=op.f('uq_exception_request_number'))
    )
    with op.batch_alter_table('exception_request', schema=None) as batch_op:
        batch_op.create_index('ix_exception_request_branch_kind_id', ['branch_id', 'kind', 'id'], unique=False)
        batch_op.create_index('ix_exception_request_branch_state_asked_at', ['branch_id', 'state', 'asked_at'], unique=False)
        batch_op.create_index('ix_exception_request_branch_state_id', ['branch_id', 'state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_exception_request_case_id'), ['case_id'], unique=False)
        batch_op.create_index('uq_exception_request_open_per_case_and_kind', ['case_id', 'kind'], unique=True, sqlite_where=sa.text("state IN ('asked', 'granted')"), postgresql_where=sa.text("state IN ('asked', 'granted')"))

    op.create_table('journal_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('station_id', sa.Integer(), nullable=True),
    sa.Column('platform_id', sa.Integer(), nullable=True),
    sa.Column('branch_id', sa.Integer(), nullable=True),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('subject', sa.String(length=24), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('act', sa.String(length=40), nullable=False),
    sa.Column('before', sa.String(length=40), nullable=True),
    sa.Column('after', sa.String(length=40), nullable=True),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_journal_line_branch_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_journal_line_case_id')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_journal_line_platform_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_journal_line_staff_id')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_journal_line_station_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_line'))
    )
    with op.batch_alter_table('journal_line', schema=None) as batch_op:
        batch_op.create_index('ix_journal_line_act', ['subject', 'act', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_line_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_line_branch_id'), ['branch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_line_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_line_staff_id'), ['staff_id'], unique=False)
        batch_op.create_index('ix_journal_line_subject', ['subject', 'subject_id'], unique=False)

    op.create_table('legal_hold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('applicant_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('standing', 'lifted', name='holdstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('authority', sa.String(length=80), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('set_by', sa.Integer(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lifted_by', sa.Integer(), nullable=True),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_reason', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(case_id IS NULL) <> (applicant_id IS NULL)', name=op.f('ck_legal_hold_one_subject')),
    sa.ForeignKeyConstraint(['applicant_id'], ['applicant.id'], name=op.f('fk_legal_hold_applicant_id')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_legal_hold_branch_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_legal_hold_case_id')),
    sa.ForeignKeyConstraint(['lifted_by'], ['staff.id'], name=op.f('fk_legal_hold_lifted_by')),
    sa.ForeignKeyConstraint(['set_by'], ['staff.id'], name=op.f('fk_legal_hold_set_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_hold'))
    )
    with op.batch_alter_table('legal_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legal_hold_applicant_id'), ['applicant_id'], unique=False)
        batch_op.create_index('ix_legal_hold_branch_state_id', ['branch_id', 'state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_legal_hold_case_id'), ['case_id'], unique=False)
        batch_op.create_index('uq_legal_hold_standing_per_applicant_id', ['applicant_id', 'authority', 'reference'], unique=True, sqlite_where=sa.text("state = 'standing' AND applicant_id IS NOT NULL"), postgresql_where=sa.text("state = 'standing' AND applicant_id IS NOT NULL"))
        batch_op.create_index('uq_legal_hold_standing_per_case_id', ['case_id', 'authority', 'reference'], unique=True, sqlite_where=sa.text("state = 'standing' AND case_id IS NOT NULL"), postgresql_where=sa.text("state = 'standing' AND case_id IS NOT NULL"))

    op.create_table('receipt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.Integer(), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('method', sa.Enum('cash', 'card', 'transfer', name='paymentmethod', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_receipt_branch_id')),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_receipt_by')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_receipt_case_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt')),
    sa.UniqueConstraint('case_id', name=op.f('uq_receipt_case_id')),
    sa.UniqueConstraint('number', name=op.f('uq_receipt_number'))
    )
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.create_index('ix_receipt_branch_day', ['branch_id', 'day'], unique=False)

    op.create_table('relay',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('platform_id', sa.Integer(), nullable=False),
    sa.Column('authority', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.Integer(), nullable=True),
    sa.Column('answer', sa.Enum('done', 'refused', name='relayanswer', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['answered_by'], ['staff.id'], name=op.f('fk_relay_answered_by')),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_relay_by')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_relay_case_id')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_relay_platform_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relay')),
    sa.UniqueConstraint('case_id', name=op.f('uq_relay_case_id')),
    sa.UniqueConstraint('number', name=op.f('uq_relay_number'))
    )
    with op.batch_alter_table('relay', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_relay_platform_id'), ['platform_id'], unique=False)

    op.create_table('set_claim',
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('set_position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_set_claim_case_id')),
    sa.PrimaryKeyConstraint('reference', name=op.f('pk_set_claim'))
    )
    with op.batch_alter_table('set_claim', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_set_claim_case_id'), ['case_id'], unique=False)

    op.create_table('document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('set_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('application_form', 'organisation_code_certificate', 'business_licence', 'tax_registration', 'code_bearing_licence', 'identity_document', 'token', 'statement_of_loss', name='documentkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('authority', sa.Enum('state', 'local', name='taxauthority', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('copies', sa.Integer(), nullable=False),
    sa.Column('complete', sa.Boolean(), nullable=False),
    sa.Column('duplicate', sa.Boolean(), nullable=False),
    sa.Column('original', sa.Boolean(), nullable=False),
    sa.Column('photocopy', sa.Boolean(), nullable=False),
    sa.Column('mark', sa.Enum('seal', 'signature', name='mark', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('holder', sa.Enum('presenter', 'other', name='holder', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['set_id'], ['document_set.id'], name=op.f('fk_document_set_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document'))
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_document_set_id'), ['set_id'], unique=False)

    op.create_table('edition_author',
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['draft_id'], ['edition_draft.id'], name=op.f('fk_edition_author_draft_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_edition_author_staff_id')),
    sa.PrimaryKeyConstraint('draft_id', 'staff_id', name=op.f('pk_edition_author'))
    )
    op.create_table('money_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.Enum('refund', 'waiver', 'float_in', 'banked', 'difference', name='moneykind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('amount_fen', sa.Integer(), nullable=False),
    sa.Column('method', sa.Enum('cash', 'card', 'transfer', name='paymentmethod', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('receipt_id', sa.Integer(), nullable=True),
    sa.Column('exception_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("amount_fen > 0 OR kind = 'difference'", name=op.f('ck_money_entry_positive')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_money_entry_branch_id')),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_money_entry_by')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_money_entry_case_id')),
    sa.ForeignKeyConstraint(['exception_id'], ['exception_request.id'], name=op.f('fk_money_entry_exception_id')),
    sa.ForeignKeyConstraint(['receipt_id'], ['receipt.id'], name=op.f('fk_money_entry_receipt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_money_entry')),
    sa.UniqueConstraint('exception_id', name=op.f('uq_money_entry_exception_id')),
    sa.UniqueConstraint('number', name=op.f('uq_money_entry_number'))
    )
    with op.batch_alter_table('money_entry', schema=None) as batch_op:
        batch_op.create_index('ix_money_entry_branch_day', ['branch_id', 'day'], unique=False)
        batch_op.create_index('ix_money_entry_branch_kind_day', ['branch_id', 'kind', 'day'], unique=False)
        batch_op.create_index(batch_op.f('ix_money_entry_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_money_entry_receipt_id'), ['receipt_id'], unique=False)

    op.create_table('movement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('token', 'envelope', name='stockkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('serial', sa.String(length=40), nullable=False),
    sa.Column('what', sa.Enum('received', 'arrived', 'sent', 'issued', 'spoiled', 'returned', 'lost', 'found', name='movementkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('delivery_id', sa.Integer(), nullable=True),
    sa.Column('transfer_id', sa.Integer(), nullable=True),
    sa.Column('by', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.CheckConstraint('amount IN (1, -1)', name=op.f('ck_movement_one_piece')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_movement_branch_id')),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_movement_by')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_movement_case_id')),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_movement_delivery_id')),
    sa.ForeignKeyConstraint(['transfer_id'], ['transfer.id'], name=op.f('fk_movement_transfer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_movement'))
    )
    with op.batch_alter_table('movement', schema=None) as batch_op:
        batch_op.create_index('ix_movement_branch_id_id', ['branch_id', 'id'], unique=False)
        batch_op.create_index('ix_movement_branch_kind_day', ['branch_id', 'kind', 'day'], unique=False)
        batch_op.create_index('ix_movement_branch_what_day', ['branch_id', 'what', 'day', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_movement_serial'), ['serial'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('examination_id', sa.Integer(), nullable=True),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_notice_by')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_notice_case_id')),
    sa.ForeignKeyConstraint(['examination_id'], ['examination.id'], name=op.f('fk_notice_examination_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('number', name=op.f('uq_notice_number'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_case_id'), ['case_id'], unique=False)

    op.create_table('run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.Enum('issue', 'rekey', 'unlock', name='runkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('station_id', sa.Integer(), nullable=False),
    sa.Column('token_id', sa.Integer(), nullable=False),
    sa.Column('envelope_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('queued', 'inspecting', 'awaiting_pin', 'initialising', 'generating', 'certifying', 'writing', 'proving', 'printing', 'awaiting_confirmation', 'confirmed', 'stopped', 'cancelled', name='runstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stopped_at_step', sa.Enum('queued', 'inspecting', 'awaiting_pin', 'initialising', 'generating', 'certifying', 'writing', 'proving', 'printing', 'awaiting_confirmation', 'confirmed', 'stopped', 'cancelled', name='stopped_at_step', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('fault', sa.Enum('no_token', 'wrong_token', 'token_not_blank', 'token_removed', 'driver_hung', 'driver_failed', 'station_gone', 'authority_refused', 'authority_unreachable', 'key_lost', 'proof_failed', 'printer_jammed', 'no_envelope', 'wrong_key', 'pin_locked', 'pin_not_given', name='fault', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('fault_detail', sa.Text(), nullable=False),
    sa.Column('lease', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('profile', sa.Enum('rsa_2048', 'p_256', name='keyprofile', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('input_digest', sa.String(length=64), nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.Column('envelope_url', sa.String(length=200), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['staff.id'], name=op.f('fk_run_created_by')),
    sa.ForeignKeyConstraint(['envelope_id'], ['envelope.id'], name=op.f('fk_run_envelope_id')),
    sa.ForeignKeyConstraint(['item_id'], ['case_item.id'], name=op.f('fk_run_item_id')),
    sa.ForeignKeyConstraint(['station_id'], ['station.id'], name=op.f('fk_run_station_id')),
    sa.ForeignKeyConstraint(['token_id'], ['token.id'], name=op.f('fk_run_token_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run')),
    sa.UniqueConstraint('item_id', 'attempt', name=op.f('uq_run_item_id_attempt')),
    sa.UniqueConstraint('key', name=op.f('uq_run_key'))
    )
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_run_envelope_id'), ['envelope_id'], unique=False)
        batch_op.create_index('ix_run_station_state', ['station_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_run_token_id'), ['token_id'], unique=False)
        batch_op.create_index('uq_run_open_per_item', ['item_id'], unique=True, sqlite_where=sa.text("state NOT IN ('confirmed', 'cancelled')"), postgresql_where=sa.text("state NOT IN ('confirmed', 'cancelled')"))
        batch_op.create_index('uq_run_open_per_token', ['token_id'], unique=True, sqlite_where=sa.text("state NOT IN ('confirmed', 'cancelled')"), postgresql_where=sa.text("state NOT IN ('confirmed', 'cancelled')"))

    op.create_table('scan',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('set_id', sa.Integer(), nullable=True),
    sa.Column('document_kind', sa.Enum('application_form', 'organisation_code_certificate', 'business_licence', 'tax_registration', 'code_bearing_licence', 'identity_document', 'token', 'statement_of_loss', name='documentkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('file_name', sa.String(length=64), nullable=False),
    sa.Column('original_digest', sa.String(length=64), nullable=False),
    sa.Column('media_type', sa.String(length=40), nullable=False),
    sa.Column('page', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('added_by', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['added_by'], ['staff.id'], name=op.f('fk_scan_added_by')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_scan_case_id')),
    sa.ForeignKeyConstraint(['set_id'], ['document_set.id'], name=op.f('fk_scan_set_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scan')),
    sa.UniqueConstraint('file_name', name=op.f('uq_scan_file_name'))
    )
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scan_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_scan_original_digest'), ['original_digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_scan_set_id'), ['set_id'], unique=False)

    op.create_table('certificate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('serial', sa.String(length=40), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('token_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('prepared', 'on_hold', 'valid', 'suspended', 'revoked', name='certificatestatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('status_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Enum('unspecified', 'key_compromise', 'affiliation_changed', 'superseded', 'cessation_of_operation', 'certificate_hold', name='revocationreason', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('replaces_id', sa.Integer(), nullable=True),
    sa.Column('subject_name', sa.String(length=120), nullable=False),
    sa.Column('credit_code', sa.String(length=18), nullable=False),
    sa.Column('public_key_digest', sa.String(length=64), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('to_be_signed', sa.LargeBinary(), nullable=False),
    sa.Column('lint', sa.JSON(), nullable=False),
    sa.Column('der', sa.LargeBinary(), nullable=True),
    sa.Column('prepared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['applicant_id'], ['applicant.id'], name=op.f('fk_certificate_applicant_id')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_certificate_branch_id')),
    sa.ForeignKeyConstraint(['item_id'], ['case_item.id'], name=op.f('fk_certificate_item_id')),
    sa.ForeignKeyConstraint(['replaces_id'], ['certificate.id'], name=op.f('fk_certificate_replaces_id')),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_certificate_run_id')),
    sa.ForeignKeyConstraint(['token_id'], ['token.id'], name=op.f('fk_certificate_token_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    sa.UniqueConstraint('run_id', name=op.f('uq_certificate_run_id')),
    sa.UniqueConstraint('serial', name=op.f('uq_certificate_serial'))
    )
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_certificate_applicant_id'), ['applicant_id'], unique=False)
        batch_op.create_index('ix_certificate_branch_id_not_after', ['branch_id', 'not_after'], unique=False)
        batch_op.create_index('ix_certificate_branch_reason_revoked_at', ['branch_id', 'reason', 'revoked_at'], unique=False, sqlite_where=sa.text('revoked_at IS NOT NULL'), postgresql_where=sa.text('revoked_at IS NOT NULL'))
        batch_op.create_index('ix_certificate_branch_status_id', ['branch_id', 'status', 'id'], unique=False)
        batch_op.create_index('ix_certificate_branch_status_not_after', ['branch_id', 'status', 'not_after'], unique=False)
        batch_op.create_index(batch_op.f('ix_certificate_credit_code'), ['credit_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_certificate_item_id'), ['item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_certificate_not_after'), ['not_after'], unique=False)
        batch_op.create_index(batch_op.f('ix_certificate_token_id'), ['token_id'], unique=False)
        batch_op.create_index('uq_certificate_live_key', ['public_key_digest'], unique=True, sqlite_where=sa.text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"), postgresql_where=sa.text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"))
        batch_op.create_index('uq_certificate_live_per_item', ['item_id'], unique=True, sqlite_where=sa.text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"), postgresql_where=sa.text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"))

    op.create_table('supervisor_grant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('token_id', sa.Integer(), nullable=False),
    sa.Column('granted_by', sa.Integer(), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_supervisor_grant_branch_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_supervisor_grant_case_id')),
    sa.ForeignKeyConstraint(['granted_by'], ['staff.id'], name=op.f('fk_supervisor_grant_granted_by')),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_supervisor_grant_run_id')),
    sa.ForeignKeyConstraint(['token_id'], ['token.id'], name=op.f('fk_supervisor_grant_token_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervisor_grant'))
    )
    with op.batch_alter_table('supervisor_grant', schema=None) as batch_op:
        batch_op.create_index('ix_supervisor_grant_branch_granted_at', ['branch_id', 'granted_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_supervisor_grant_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_supervisor_grant_token_id'), ['token_id'], unique=False)

    op.create_table('binding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('platform_id', sa.Integer(), nullable=False),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('certificate_id', sa.Integer(), nullable=False),
    sa.Column('account_reference', sa.String(length=80), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('follows_id', sa.Integer(), nullable=True),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end', sa.Enum('reset', 'rebinding', 'moved', 'certificate_replaced', 'certificate_revoked', 'chosen_anew', 'by_platform', name='bindingend', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('end_note', sa.String(length=200), nullable=False),
    sa.Column('ended_by', sa.Integer(), nullable=True),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['applicant_id'], ['applicant.id'], name=op.f('fk_binding_applicant_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_binding_case_id')),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificate.id'], name=op.f('fk_binding_certificate_id')),
    sa.ForeignKeyConstraint(['ended_by'], ['staff.id'], name=op.f('fk_binding_ended_by')),
    sa.ForeignKeyConstraint(['follows_id'], ['binding.id'], name=op.f('fk_binding_follows_id')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_binding_platform_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_binding')),
    sa.UniqueConstraint('key', name=op.f('uq_binding_key'))
    )
    with op.batch_alter_table('binding', schema=None) as batch_op:
        batch_op.create_index('ix_binding_applicant_id_platform_id', ['applicant_id', 'platform_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_binding_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_binding_certificate_id'), ['certificate_id'], unique=False)
        batch_op.create_index('ix_binding_live_platform_id_id', ['platform_id', 'id'], unique=False, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
        batch_op.create_index('ix_binding_platform_id_end_id', ['platform_id', 'end', 'id'], unique=False)
        batch_op.create_index('ix_binding_platform_id_id', ['platform_id', 'id'], unique=False)
        batch_op.create_index('ix_binding_platform_id_since', ['platform_id', 'since'], unique=False)
        batch_op.create_index('uq_binding_live_per_platform_and_applicant', ['platform_id', 'applicant_id'], unique=True, sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))

    op.create_table('binding_choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('platform_id', sa.Integer(), nullable=False),
    sa.Column('applicant_id', sa.Integer(), nullable=False),
    sa.Column('certificate_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['applicant_id'], ['applicant.id'], name=op.f('fk_binding_choice_applicant_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_binding_choice_case_id')),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificate.id'], name=op.f('fk_binding_choice_certificate_id')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_binding_choice_platform_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_binding_choice')),
    sa.UniqueConstraint('case_id', name=op.f('uq_binding_choice_case_id'))
    )
    with op.batch_alter_table('binding_choice', schema=None) as batch_op:
        batch_op.create_index('ix_binding_choice_platform_id_applicant_id', ['platform_id', 'applicant_id'], unique=False)

    op.create_table('certificate_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('branch_id', sa.Integer(), nullable=False),
    sa.Column('certificate_id', sa.Integer(), nullable=True),
    sa.Column('token_serial', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_certificate_check_branch_id')),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_certificate_check_by')),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificate.id'], name=op.f('fk_certificate_check_certificate_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_check')),
    sa.UniqueConstraint('number', name=op.f('uq_certificate_check_number'))
    )
    with op.batch_alter_table('certificate_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_certificate_check_branch_id'), ['branch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_certificate_check_certificate_id'), ['certificate_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_certificate_check_token_serial'), ['token_serial'], unique=False)

    op.create_table('handover',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('token_id', sa.Integer(), nullable=False),
    sa.Column('envelope_id', sa.Integer(), nullable=True),
    sa.Column('certificate_id', sa.Integer(), nullable=False),
    sa.Column('collector_name', sa.String(length=60), nullable=False),
    sa.Column('collector_id_kind', sa.Enum('resident_card', 'hmt_residence_permit', 'hm_travel_permit', 'tw_travel_permit', 'foreigner_residence_card', 'passport', 'military_card', name='identitykind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('collector_id_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_handover_by')),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificate.id'], name=op.f('fk_handover_certificate_id')),
    sa.ForeignKeyConstraint(['envelope_id'], ['envelope.id'], name=op.f('fk_handover_envelope_id')),
    sa.ForeignKeyConstraint(['item_id'], ['case_item.id'], name=op.f('fk_handover_item_id')),
    sa.ForeignKeyConstraint(['token_id'], ['token.id'], name=op.f('fk_handover_token_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handover')),
    sa.UniqueConstraint('item_id', name=op.f('uq_handover_item_id')),
    sa.UniqueConstraint('number', name=op.f('uq_handover_number'))
    )
    with op.batch_alter_table('handover', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_handover_certificate_id'), ['certificate_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_handover_envelope_id'), ['envelope_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_handover_token_id'), ['token_id'], unique=False)

    op.create_table('platform_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('platform_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('binding.made', 'binding.ended', 'binding.moved', 'certificate.suspended', 'certificate.resumed', 'certificate.revoked', name='eventkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('binding_id', sa.Integer(), nullable=True),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('delivery', sa.Enum('waiting', 'delivered', 'dead', name='deliverystate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['binding_id'], ['binding.id'], name=op.f('fk_platform_event_binding_id')),
    sa.ForeignKeyConstraint(['case_id'], ['case_file.id'], name=op.f('fk_platform_event_case_id')),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_platform_event_platform_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_platform_event')),
    sa.UniqueConstraint('key', name=op.f('uq_platform_event_key')),
    sa.UniqueConstraint('platform_id', 'number', name=op.f('uq_platform_event_platform_id_number'))
    )
    with op.batch_alter_table('platform_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_platform_event_binding_id'), ['binding_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_platform_event_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_platform_event_platform_id_at', ['platform_id', 'at'], unique=False)
        batch_op.create_index('ix_platform_event_platform_id_delivery_due_at', ['platform_id', 'delivery', 'due_at'], unique=False)
        batch_op.create_index('ix_platform_event_platform_id_delivery_id', ['platform_id', 'delivery', 'id'], unique=False)
        batch_op.create_index('ix_platform_event_platform_id_id', ['platform_id', 'id'], unique=False)
        batch_op.create_index('ix_platform_event_platform_id_kind_id', ['platform_id', 'kind', 'id'], unique=False)

    op.create_table('delivery_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('fault', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['platform_event.id'], name=op.f('fk_delivery_attempt_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_attempt'))
    )
    with op.batch_alter_table('delivery_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_attempt_event_id'), ['event_id'], unique=False)

    # The two tables name each other. SQLite takes the constraint with the table, PostgreSQL only once both are there.
    if op.get_bind().dialect.name == "postgresql":
        op.create_foreign_key("fk_case_file_certificate_id", "case_file", "certificate", ["certificate_id"], ["id"])
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)
    # ### end Alembic commands ###


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_case_file_certificate_id", "case_file", type_="foreignkey")
    # ### commands auto generated by Alembic - please adjust! ###
    with op.batch_alter_table('delivery_attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_delivery_attempt_event_id'))

    op.drop_table('delivery_attempt')
    with op.batch_alter_table('platform_event', schema=None) as batch_op:
        batch_op.drop_index('ix_platform_event_platform_id_kind_id')
        batch_op.drop_index('ix_platform_event_platform_id_id')
        batch_op.drop_index('ix_platform_event_platform_id_delivery_id')
        batch_op.drop_index('ix_platform_event_platform_id_delivery_due_at')
        batch_op.drop_index('ix_platform_event_platform_id_at')
        batch_op.drop_index(batch_op.f('ix_platform_event_case_id'))
        batch_op.drop_index(batch_op.f('ix_platform_event_binding_id'))

    op.drop_table('platform_event')
    with op.batch_alter_table('handover', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_handover_token_id'))
        batch_op.drop_index(batch_op.f('ix_handover_envelope_id'))
        batch_op.drop_index(batch_op.f('ix_handover_certificate_id'))

    op.drop_table('handover')
    with op.batch_alter_table('certificate_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_certificate_check_token_serial'))
        batch_op.drop_index(batch_op.f('ix_certificate_check_certificate_id'))
        batch_op.drop_index(batch_op.f('ix_certificate_check_branch_id'))

    op.drop_table('certificate_check')
    with op.batch_alter_table('binding_choice', schema=None) as batch_op:
        batch_op.drop_index('ix_binding_choice_platform_id_applicant_id')

    op.drop_table('binding_choice')
    with op.batch_alter_table('binding', schema=None) as batch_op:
        batch_op.drop_index('uq_binding_live_per_platform_and_applicant', sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
        batch_op.drop_index('ix_binding_platform_id_since')
        batch_op.drop_index('ix_binding_platform_id_id')
        batch_op.drop_index('ix_binding_platform_id_end_id')
        batch_op.drop_index('ix_binding_live_platform_id_id', sqlite_where=sa.text('until IS NULL'), postgresql_where=sa.text('until IS NULL'))
        batch_op.drop_index(batch_op.f('ix_binding_certificate_id'))
        batch_op.drop_index(batch_op.f('ix_binding_case_id'))
        batch_op.drop_index('ix_binding_applicant_id_platform_id')

    op.drop_table('binding')
    with op.batch_alter_table('supervisor_grant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_supervisor_grant_token_id'))
        batch_op.drop_index(batch_op.f('ix_supervisor_grant_case_id'))
        batch_op.drop_index('ix_supervisor_grant_branch_granted_at')

    op.drop_table('supervisor_grant')
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.drop_index('uq_certificate_live_per_item', sqlite_where=sa.text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"), postgresql_where=sa.text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"))
        batch_op.drop_index('uq_certificate_live_key', sqlite_where=sa.text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"), postgresql_where=sa.text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"))
        batch_op.drop_index(batch_op.f('ix_certificate_token_id'))
        batch_op.drop_index(batch_op.f('ix_certificate_not_after'))
        batch_op.drop_index(batch_op.f('ix_certificate_item_id'))
        batch_op.drop_index(batch_op.f('ix_certificate_credit_code'))
        batch_op.drop_index('ix_certificate_branch_status_not_after')
        batch_op.drop_index('ix_certificate_branch_status_id')
        batch_op.drop_index('ix_certificate_branch_reason_revoked_at', sqlite_where=sa.text('revoked_at IS NOT NULL'), postgresql_where=sa.text('revoked_at IS NOT NULL'))
        batch_op.drop_index('ix_certificate_branch_id_not_after')
        batch_op.drop_index(batch_op.f('ix_certificate_applicant_id'))

    op.drop_table('certificate')
    with op.batch_alter_table('scan', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scan_set_id'))
        batch_op.drop_index(batch_op.f('ix_scan_original_digest'))
        batch_op.drop_index(batch_op.f('ix_scan_case_id'))

    op.drop_table('scan')
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.drop_index('uq_run_open_per_token', sqlite_where=sa.text("state NOT IN ('confirmed', 'cancelled')"), postgresql_where=sa.text("state NOT IN ('confirmed', 'cancelled')"))
        batch_op.drop_index('uq_run_open_per_item', sqlite_where=sa.text("state NOT IN ('confirmed', 'cancelled')"), postgresql_where=sa.text("state NOT IN ('confirmed', 'cancelled')"))
        batch_op.drop_index(batch_op.f('ix_run_token_id'))
        batch_op.drop_index('ix_run_station_state')
        batch_op.drop_index(batch_op.f('ix_run_envelope_id'))

    op.drop_table('run')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notice_case_id'))

    op.drop_table('notice')
    with op.batch_alter_table('movement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_movement_serial'))
        batch_op.drop_index('ix_movement_branch_what_day')
        batch_op.drop_index('ix_movement_branch_kind_day')
        batch_op.drop_index('ix_movement_branch_id_id')

    op.drop_table('movement')
    with op.batch_alter_table('money_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_money_entry_receipt_id'))
        batch_op.drop_index(batch_op.f('ix_money_entry_case_id'))
        batch_op.drop_index('ix_money_entry_branch_kind_day')
        batch_op.drop_index('ix_money_entry_branch_day')

    op.drop_table('money_entry')
    op.drop_table('edition_author')
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_document_set_id'))

    op.drop_table('document')
    with op.batch_alter_table('set_claim', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_set_claim_case_id'))

    op.drop_table('set_claim')
    with op.batch_alter_table('relay', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_relay_platform_id'))

    op.drop_table('relay')
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.drop_index('ix_receipt_branch_day')

    op.drop_table('receipt')
    with op.batch_alter_table('legal_hold', schema=None) as batch_op:
        batch_op.drop_index('uq_legal_hold_standing_per_case_id', sqlite_where=sa.text("state = 'standing' AND case_id IS NOT NULL"), postgresql_where=sa.text("state = 'standing' AND case_id IS NOT NULL"))
        batch_op.drop_index('uq_legal_hold_standing_per_applicant_id', sqlite_where=sa.text("state = 'standing' AND applicant_id IS NOT NULL"), postgresql_where=sa.text("state = 'standing' AND applicant_id IS NOT NULL"))
        batch_op.drop_index(batch_op.f('ix_legal_hold_case_id'))
        batch_op.drop_index('ix_legal_hold_branch_state_id')
        batch_op.drop_index(batch_op.f('ix_legal_hold_applicant_id'))

    op.drop_table('legal_hold')
    with op.batch_alter_table('journal_line', schema=None) as batch_op:
        batch_op.drop_index('ix_journal_line_subject')
        batch_op.drop_index(batch_op.f('ix_journal_line_staff_id'))
        batch_op.drop_index(batch_op.f('ix_journal_line_case_id'))
        batch_op.drop_index(batch_op.f('ix_journal_line_branch_id'))
        batch_op.drop_index(batch_op.f('ix_journal_line_at'))
        batch_op.drop_index('ix_journal_line_act')

    op.drop_table('journal_line')
    with op.batch_alter_table('exception_request', schema=None) as batch_op:
        batch_op.drop_index('uq_exception_request_open_per_case_and_kind', sqlite_where=sa.text("state IN ('asked', 'granted')"), postgresql_where=sa.text("state IN ('asked', 'granted')"))
        batch_op.drop_index(batch_op.f('ix_exception_request_case_id'))
        batch_op.drop_index('ix_exception_request_branch_state_id')
        batch_op.drop_index('ix_exception_request_branch_state_asked_at')
        batch_op.drop_index('ix_exception_request_branch_kind_id')

    op.drop_table('exception_request')
    with op.batch_alter_table('examination', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_examination_case_id'))

    op.drop_table('examination')
    with op.batch_alter_table('edition_draft', schema=None) as batch_op:
        batch_op.drop_index('uq_edition_draft_open_code', sqlite_where=sa.text("state IN ('draft', 'proposed')"), postgresql_where=sa.text("state IN ('draft', 'proposed')"))
        batch_op.drop_index(batch_op.f('ix_edition_draft_code'))

    op.drop_table('edition_draft')
    op.drop_table('document_set')
    with op.batch_alter_table('destruction_trace', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_destruction_trace_list_id'))

    op.drop_table('destruction_trace')
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index('ix_delivery_branch_id_id')

    op.drop_table('delivery')
    op.drop_table('case_item')
    with op.batch_alter_table('transfer', schema=None) as batch_op:
        batch_op.drop_index('ix_transfer_to_branch_id_id')
        batch_op.drop_index('ix_transfer_from_branch_id_id')

    op.drop_table('transfer')
    with op.batch_alter_table('stock_import', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stock_import_branch_id'))

    op.drop_table('stock_import')
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_session_staff_id'))

    op.drop_table('staff_session')
    op.drop_table('staff_role')
    with op.batch_alter_table('shift_handover', schema=None) as batch_op:
        batch_op.drop_index('uq_shift_handover_offered_per_giver', sqlite_where=sa.text("state = 'offered'"), postgresql_where=sa.text("state = 'offered'"))
        batch_op.drop_index('ix_shift_handover_branch_day')

    op.drop_table('shift_handover')
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_saved_view_staff_id'))

    op.drop_table('saved_view')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('ix_job_open', sqlite_where=sa.text("state IN ('waiting', 'running')"), postgresql_where=sa.text("state IN ('waiting', 'running')"))
        batch_op.drop_index('ix_job_branch_id_id')
        batch_op.drop_index(batch_op.f('ix_job_asked_by'))

    op.drop_table('job')
    with op.batch_alter_table('envelope', schema=None) as batch_op:
        batch_op.drop_index('uq_envelope_live_per_token', sqlite_where=sa.text("state IN ('allotted', 'live')"), postgresql_where=sa.text("state IN ('allotted', 'live')"))
        batch_op.drop_index(batch_op.f('ix_envelope_token_id'))
        batch_op.drop_index('ix_envelope_branch_state_number')
        batch_op.drop_index('ix_envelope_branch_number')

    op.drop_table('envelope')
    with op.batch_alter_table('destruction_list', schema=None) as batch_op:
        batch_op.drop_index('ix_destruction_list_state_id')
        batch_op.drop_index('ix_destruction_list_branch_id_id')

    op.drop_table('destruction_list')
    with op.batch_alter_table('day_close', schema=None) as batch_op:
        batch_op.drop_index('uq_day_close_standing_per_branch_and_day', sqlite_where=sa.text("state <> 'recounted'"), postgresql_where=sa.text("state <> 'recounted'"))
        batch_op.drop_index('ix_day_close_branch_day')

    op.drop_table('day_close')
    with op.batch_alter_table('case_file', schema=None) as batch_op:
        batch_op.drop_index('uq_case_file_open_per_unlocked_certificate_id', sqlite_where=sa.text("kind = 'unlock' AND state NOT IN ('refused', 'withdrawn', 'closed')"), postgresql_where=sa.text("kind = 'unlock' AND state NOT IN ('refused', 'withdrawn', 'closed')"))
        batch_op.drop_index('uq_case_file_open_per_platform_and_kind', sqlite_where=sa.text("platform_id IS NOT NULL AND state NOT IN ('refused', 'withdrawn', 'closed')"), postgresql_where=sa.text("platform_id IS NOT NULL AND state NOT IN ('refused', 'withdrawn', 'closed')"))
        batch_op.drop_index('uq_case_file_open_per_new_credit_code', sqlite_where=sa.text("new_credit_code <> '' AND state NOT IN ('refused', 'withdrawn', 'closed')"), postgresql_where=sa.text("new_credit_code <> '' AND state NOT IN ('refused', 'withdrawn', 'closed')"))
        batch_op.drop_index('uq_case_file_open_per_certificate_id', sqlite_where=sa.text("kind <> 'unlock' AND kind NOT IN ('binding_reset', 'rebinding', 'credentials_reset') AND state NOT IN ('refused', 'withdrawn', 'closed')"), postgresql_where=sa.text("kind <> 'unlock' AND kind NOT IN ('binding_reset', 'rebinding', 'credentials_reset') AND state NOT IN ('refused', 'withdrawn', 'closed')"))
        batch_op.drop_index(batch_op.f('ix_case_file_token_id'))
        batch_op.drop_index(batch_op.f('ix_case_file_presenter_id_digest'))
        batch_op.drop_index('ix_case_file_platform_branch_id', sqlite_where=sa.text('platform_id IS NOT NULL'), postgresql_where=sa.text('platform_id IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_case_file_opened_by'))
        batch_op.drop_index(batch_op.f('ix_case_file_opened_at'))
        batch_op.drop_index('ix_case_file_kept_branch_closed_at', sqlite_where=sa.text('destroyed_at IS NULL AND closed_at IS NOT NULL'), postgresql_where=sa.text('destroyed_at IS NULL AND closed_at IS NOT NULL'))
        batch_op.drop_index('ix_case_file_certificate_id', sqlite_where=sa.text('certificate_id IS NOT NULL'), postgresql_where=sa.text('certificate_id IS NOT NULL'))
        batch_op.drop_index('ix_case_file_branch_state_since')
        batch_op.drop_index('ix_case_file_branch_state_kind_id')
        batch_op.drop_index('ix_case_file_branch_state_id')
        batch_op.drop_index('ix_case_file_branch_opened_at')
        batch_op.drop_index('ix_case_file_branch_kind_id')
        batch_op.drop_index('ix_case_file_branch_id_id')
        batch_op.drop_index('ix_case_file_branch_closed_at')
        batch_op.drop_index(batch_op.f('ix_case_file_applicant_id'))

    op.drop_table('case_file')
    with op.batch_alter_table('access_review', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_access_review_branch_id'))

    op.drop_table('access_review')
    with op.batch_alter_table('token', schema=None) as batch_op:
        batch_op.drop_index('ix_token_branch_state_serial')
        batch_op.drop_index('ix_token_branch_serial')

    op.drop_table('token')
    with op.batch_alter_table('station', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_station_branch_id'))

    op.drop_table('station')
    op.drop_table('staff')
    with op.batch_alter_table('platform_access', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_platform_access_platform_id'))

    op.drop_table('platform_access')
    op.drop_table('low_water')
    with op.batch_alter_table('idempotent_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotent_answer_at'))

    op.drop_table('idempotent_answer')
    op.drop_table('applicant_bigram')
    op.drop_table('stray_certificate')
    op.drop_table('revocation_list')
    op.drop_table('platform')
    op.drop_table('office_key')
    op.drop_table('login_failure')
    op.drop_table('edition')
    op.drop_table('counter')
    op.drop_table('branch')
    with op.batch_alter_table('applicant', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_applicant_name'))
        batch_op.drop_index('ix_applicant_kind_id')

    op.drop_table('applicant')
    # ### end Alembic commands ###
    for statement in REMOVALS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)

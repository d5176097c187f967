from django.db import migrations

SQL = """
ALTER TABLE referral_promoter
    ADD FOREIGN KEY (tenant_id, id) REFERENCES members_member (tenant_id, id),
    ADD FOREIGN KEY (tenant_id, inviter_id) REFERENCES referral_promoter (tenant_id, id);
ALTER TABLE referral_bond
    ADD FOREIGN KEY (tenant_id, member_id) REFERENCES members_member (tenant_id, id),
    ADD FOREIGN KEY (tenant_id, promoter_id) REFERENCES referral_promoter (tenant_id, id);
ALTER TABLE referral_inviterchange
    ADD FOREIGN KEY (tenant_id, promoter_id) REFERENCES referral_promoter (tenant_id, id);
"""


class Migration(migrations.Migration):
    dependencies = [("referral", "0001_initial"), ("members", "0001_initial")]

    operations = [migrations.RunSQL([SQL])]

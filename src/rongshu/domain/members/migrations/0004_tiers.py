from django.db import migrations, models

from rongshu.kernel.ids import new_id


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0003_points'),
    ]

    operations = [
        migrations.CreateModel(
            name='TierHead',
            fields=[
                ('tenant_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('version', models.IntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'members_tier_head',
            },
        ),
        migrations.CreateModel(
            name='GrowthEntry',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.BigIntegerField(default=new_id)),
                ('member_id', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('source', models.TextField()),
                ('ref', models.TextField()),
                ('about', models.BigIntegerField(default=0)),
                ('month', models.IntegerField()),
                ('at', models.DateTimeField()),
                ('why', models.TextField(default='')),
            ],
            options={
                'db_table': 'members_growth_entry',
                'indexes': [models.Index(fields=['tenant_id', 'member_id', '-id'], name='growth_entry_by_member'), models.Index(condition=models.Q(('about__gt', 0)), fields=['tenant_id', 'about'], name='growth_entry_by_order')],
            },
        ),
        migrations.CreateModel(
            name='GrowthMonth',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'member_id', 'month', blank=True, editable=False, primary_key=True, serialize=False)),
                ('member_id', models.BigIntegerField()),
                ('month', models.IntegerField()),
                ('amount', models.BigIntegerField()),
            ],
            options={
                'db_table': 'members_growth_month',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='growth_month_amount')],
            },
        ),
        migrations.CreateModel(
            name='GrowthVersion',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.BigIntegerField(default=new_id)),
                ('number', models.IntegerField()),
                ('document', models.JSONField()),
                ('effective_from', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('actor', models.TextField()),
            ],
            options={
                'db_table': 'members_growth_version',
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'number'), name='growth_version_number')],
            },
        ),
        migrations.CreateModel(
            name='TierChange',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.BigIntegerField(default=new_id)),
                ('member_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('old', models.TextField()),
                ('new', models.TextField()),
                ('cause', models.TextField()),
                ('growth', models.BigIntegerField()),
                ('version', models.IntegerField()),
            ],
            options={
                'db_table': 'members_tier_change',
                'indexes': [models.Index(fields=['tenant_id', 'member_id', '-id'], name='tier_change_by_member')],
            },
        ),
        migrations.CreateModel(
            name='TierStanding',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'member_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('member_id', models.BigIntegerField()),
                ('tier', models.TextField()),
                ('since', models.DateTimeField()),
                ('kept_until', models.DateTimeField(null=True)),
                ('grace_until', models.DateTimeField(null=True)),
                ('next_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'members_tier_standing',
                'indexes': [models.Index(fields=['tenant_id', 'next_at'], name='tier_standing_due')],
            },
        ),
        migrations.CreateModel(
            name='TierVersion',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.BigIntegerField(default=new_id)),
                ('number', models.IntegerField()),
                ('document', models.JSONField()),
                ('effective_from', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('actor', models.TextField()),
            ],
            options={
                'db_table': 'members_tier_version',
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'number'), name='tier_version_number')],
            },
        ),
    ]

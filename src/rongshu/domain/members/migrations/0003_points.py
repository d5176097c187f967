from django.db import migrations, models

from rongshu.kernel.ids import new_id


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0002_wechat'),
    ]

    operations = [
        migrations.CreateModel(
            name='PointsAccount',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'member_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('member_id', models.BigIntegerField()),
                ('streak', models.IntegerField(default=0)),
                ('signed_day', models.IntegerField(default=0)),
                ('reminded_day', models.IntegerField(default=0)),
            ],
            options={
                'db_table': 'members_points_account',
            },
        ),
        migrations.CreateModel(
            name='PointsHold',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'ref', blank=True, editable=False, primary_key=True, serialize=False)),
                ('ref', models.TextField()),
                ('id', models.BigIntegerField(default=new_id)),
                ('member_id', models.BigIntegerField()),
                ('points', models.BigIntegerField()),
                ('back', models.BigIntegerField(default=0)),
                ('state', models.SmallIntegerField()),
                ('what', models.TextField(default='')),
                ('at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'members_points_hold',
                'indexes': [models.Index(condition=models.Q(('state', 0)), fields=['tenant_id', 'member_id'], name='points_hold_open')],
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'id'), name='points_hold_id')],
            },
        ),
        migrations.CreateModel(
            name='PointsLot',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.BigIntegerField(default=new_id)),
                ('member_id', models.BigIntegerField()),
                ('amount', models.BigIntegerField()),
                ('left', models.BigIntegerField()),
                ('source', models.TextField()),
                ('ref', models.TextField()),
                ('about', models.BigIntegerField(default=0)),
                ('version', models.IntegerField(default=0)),
                ('why', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('usable_at', models.DateTimeField()),
                ('is_open', models.BooleanField()),
                ('expires_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'members_points_lot',
                'indexes': [models.Index(fields=['tenant_id', 'member_id', 'at'], name='points_lot_by_member'), models.Index(condition=models.Q(('about__gt', 0)), fields=['tenant_id', 'about'], name='points_lot_by_order'), models.Index(condition=models.Q(('expires_at__isnull', False), ('is_open', True), ('left__gt', 0)), fields=['tenant_id', 'expires_at'], name='points_lot_ending'), models.Index(condition=models.Q(('is_open', False)), fields=['tenant_id', 'usable_at'], name='points_lot_opening')],
                'constraints': [models.CheckConstraint(condition=models.Q(('left__gte', 0), ('left__lte', models.F('amount'))), name='points_lot_left')],
            },
        ),
        migrations.CreateModel(
            name='PointsMove',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.BigIntegerField(default=new_id)),
                ('member_id', models.BigIntegerField()),
                ('lot_id', models.BigIntegerField()),
                ('kind', models.SmallIntegerField()),
                ('amount', models.BigIntegerField()),
                ('journal', models.BigIntegerField()),
                ('about', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'members_points_move',
                'indexes': [models.Index(fields=['tenant_id', 'member_id', 'id'], name='points_move_by_member'), models.Index(condition=models.Q(('about__gt', 0)), fields=['tenant_id', 'about'], name='points_move_by_about')],
            },
        ),
        migrations.CreateModel(
            name='PointsVersion',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.BigIntegerField(default=new_id)),
                ('number', models.IntegerField()),
                ('document', models.JSONField()),
                ('effective_from', models.DateTimeField()),
                ('reason', models.TextField(default='')),
                ('at', models.DateTimeField()),
                ('actor', models.TextField()),
            ],
            options={
                'db_table': 'members_points_version',
                'indexes': [models.Index(fields=['tenant_id', '-effective_from', '-number'], name='points_version_in_force')],
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'number'), name='points_version_number')],
            },
        ),
    ]

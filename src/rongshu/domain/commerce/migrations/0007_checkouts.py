import rongshu.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0006_product_sold'),
    ]

    operations = [
        migrations.CreateModel(
            name='Checkout',
            fields=[
                ('tenant_id', models.BigIntegerField()),
                ('pk', models.CompositePrimaryKey('tenant_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.BigIntegerField(default=rongshu.kernel.ids.new_id)),
                ('member_id', models.BigIntegerField()),
                ('state', models.TextField(default='reserved')),
                ('cart', models.JSONField()),
                ('priced', models.JSONField()),
                ('payable', models.BigIntegerField()),
                ('points', models.BigIntegerField(default=0)),
                ('points_back', models.BigIntegerField(default=0)),
                ('coupons', models.JSONField(default=list)),
                ('reserved_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('order_id', models.BigIntegerField(null=True)),
                ('actor', models.TextField()),
            ],
            options={
                'db_table': 'commerce_checkout',
                'indexes': [models.Index(condition=models.Q(('state', 'reserved')), fields=['tenant_id', 'expires_at'], name='checkout_to_expire'), models.Index(fields=['tenant_id', 'member_id', '-id'], name='checkout_by_member')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('order_id__isnull', False)), fields=('tenant_id', 'order_id'), name='checkout_of_order'), models.CheckConstraint(condition=models.Q(('payable__gte', 0), ('points__gte', 0)), name='checkout_not_below_0'), models.CheckConstraint(condition=models.Q(('points_back__lte', models.F('points'))), name='checkout_points_back'), models.CheckConstraint(condition=models.Q(models.Q(('order_id__isnull', False), ('state', 'used')), models.Q(models.Q(('state', 'used'), _negated=True), ('order_id__isnull', True)), _connector='OR'), name='checkout_used_by_order')],
            },
        ),
    ]

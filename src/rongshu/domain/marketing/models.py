from rongshu.domain.marketing.materials.models import Exemption, Material, Pack, PackItem, Taking, Version, Withdrawn
from rongshu.domain.marketing.messages.models import Address, Digest, Mail, Message, Preference, Rules
from rongshu.domain.marketing.nudging.models import Nudge
from rongshu.domain.marketing.posters.models import Poster, PosterTemplate
from rongshu.domain.marketing.segments.models import Segment, SegmentCount, SegmentMember, SegmentVersion
from rongshu.domain.marketing.sending.models import Sending

__all__ = [
    "Address", "Digest", "Exemption", "Mail", "Material", "Message", "Nudge", "Pack", "PackItem", "Poster", "PosterTemplate", "Preference", "Rules",
    "Segment", "SegmentCount", "SegmentMember", "SegmentVersion", "Sending", "Taking", "Version", "Withdrawn",
]  # fmt: skip

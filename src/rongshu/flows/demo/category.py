"""A category path for every sku, derived by us.

The source has no categories. They are read off the description by the table below: the first row with a word (or a
phrase) that stands in the description decides, a plural `S` or `ES` included; what no row knows is `other`. A rough
sorting, good enough to show rules by category, and no statement of the retailer.
"""

from __future__ import annotations

import polars as pl

OTHER = "other"

WORDS: tuple[tuple[str, str], ...] = (
    (
        "seasonal/christmas",
        """
        ADVENT, BAUBLE, CHRISTMAS, JINGLE BELL, NOEL, REINDEER, SANTA, SNOWFLAKE, SNOWMAN, SNOWMEN, XMAS
        """,
    ),
    ("seasonal/easter", "EASTER"),
    (
        "jewellery",
        """
        ANKLET, BAG CHARM, BANGLE, BRACELET, BROOCH, DIAMANTE, EARRING, HAIR CLIP, HAIR COMB, HAIR GRIP, HAIRCLIP,
        HAIRSLIDE, JEWELERY, JEWELLERY, NECKLAC, NECKLACE, PENDANT, PHONE CHARM, RHINESTONE, RING
        """,
    ),
    (
        "bags",
        """
        BACKPACK, BAG, HANDBAG, LUGGAGE, PASSPORT COVER, PURSE, RUCKSACK, SATCHEL, SHOPPER, SHOULDER STRAP, TOTE,
        WALLET
        """,
    ),
    (
        "home/textiles",
        """
        APRON, BLANKET, CURTAIN, CUSHION, DOOR MAT, DOORMAT, EYE MASK, FLANNEL, HAND WARMER, HOT WATER BOTTLE,
        HOTTIE, HOTTY, OVEN GLOVE, QUILT, RUG, SCARF, SLIPPER, SOCK, TABLE CLOTH, TABLE RUNNER, TABLECLOTH, THROW,
        TOWEL
        """,
    ),
    (
        "home/kitchen",
        """
        BAKING, BEAKER, BISCUIT, BOTTLE, BOWL, BREAD, BREAKFAST, CAFETIERE, CAKE, CAKESTAND, CARAFE, CASSEROLE,
        CHILDRENS DINING, CHOPPING BOARD, CHOPSTICK, COASTER, COFFEE, COLANDER, CONDIMENT, COOKIE, CORKSCREW, CRUET,
        CUP, CUTLERY, CUTTER, DECANTER, DINNER SET, DISH, DOLLY MIXTURE, DRINKING, EGG, FLASK, FOOD, FORK, FRYING
        PAN, GOBLET, ICE CREAM, JAM, JAR, JUG, KITCHEN, KNIFE, LOLLY, LUNCH BOX, MEASURING, MOULD, MUG, NAPKIN RING,
        OPENER, PANTRY, PITCHER, PLACE MAT, PLACEMAT, PLATE, POPCORN, RECIPE BOX, SALT, SAUCEPAN, SAUCER, SCALE,
        SKEWER, SNACK BOX, SPOON, STRAW, SUGAR, TEA POT, TEA SET, TEACUP, TEAPOT, TIMER, TIN, TOAST, TRAY, TRIVET,
        TUMBLER, WHISK, WINE GLASS
        """,
    ),
    (
        "home/lighting",
        """
        CANDELABRA, CANDLE, CANDLEHOLDER, CANDLESTICK, CHANDELIER, INCENSE, LAMP, LAMPSHADE, LANTERN, LIGHT,
        LIGHTBULB, NIGHTLIGHT, TEALIGHT, TLIGHT, TORCH
        """,
    ),
    (
        "toys",
        """
        BALLOON, BINGO, BLOCK WORD, BOUNCY BALL, BUILDING BLOCK, CAR, CATAPULT, CHALK, CHESS, DOLL, DOMINO, GAME,
        GLIDER, HARMONICA, INFLATABLE, JIGSAW, KALEIDOSCOPE, LUDO, MAGIC GARDEN, MAGIC TREE, MARBLE, MODEL, NOUGHTS,
        PIRATE, PLAYHOUSE, PLAYING CARD, PUPPET, PUZZLE, ROCKING HORSE, SKIPPING ROPE, SKITTLES, SNAP CARD, SPACE
        HOPPER, SPINNING TOP, TATTOO, TEDDY, TOADSTOOL MONEY, TOY, TRAIN, TREASURE CHEST, WHISTLE, YO-YO, YOYO
        """,
    ),
    (
        "paper",
        """
        ADDRESS BOOK, ALBUM, BLACK BOARD, BLACKBOARD, CALENDAR, CARD, CHALKBOARD, CRAYON, DIARY, DOILIES, DOILY,
        ENVELOPE, ERASER, FILE, JOTTER, JOURNAL, MEMO, MEMOBOARD, NAPKIN, NOTE BOOK, NOTEBOOK, ORGANISER, PAPER,
        PEN, PENCIL, POSTCARD, RECORD BOOK, RUBBER, RULER, SERVIETTE, SHARPENER, SKETCHBOOK, STATIONARY, STATIONERY,
        STICKER, TAG, TAPE, TISSUE, WRAP, WRITING SET
        """,
    ),
    (
        "crafts",
        """
        BEAD, BUTTON, CRAFT, CROCHET, EMBROIDERY, FELTCRAFT, KNITTED, KNITTING, LACE, PAINT, PATCH, RIBBON, SEWING,
        STAMP, STENCIL, WOOL
        """,
    ),
    (
        "garden",
        """
        BICYCLE, BIRD BATH, BIRD FEEDER, BIRD HOUSE, BIRD TABLE, BIRDHOUSE, BUCKET, BUG, CAMPING, DECKCHAIR, FLOWER
        POT, FLOWERPOT, FLY SWAT, FLYTRAP, FOLDING CHAIR, GARDEN, GARDENER, GNOME, GROW, HAMMOCK, HERB, INSECT,
        KNEELING, PARASOL, PERGOLA, PICNIC, PLANT, PLANTER, RAKE, SEED, SPADE, TREE, TROWEL, UMBRELLA, WATERING,
        WIND CHIME, WINDCHIME, WINDMILL
        """,
    ),
    (
        "home/storage",
        """
        BASKET, BIN, BOX, CABINET, CHEST, CONTAINER, CRATE, CUPBOARD, DOOR STOP, DOORSTOP, DRAWER, HANGER, HOLDER,
        HOOK, KEY, KNOB, LAUNDRY, MAGAZINE, MONEY BANK, PEG, PIGGY BANK, RACK, SHELF, SHELVES, STAND, STORAGE, TIDY,
        TRUNK
        """,
    ),
    (
        "home/decoration",
        """
        ACRYLIC, ANGEL, ART, BATH, BELL, BIRD, BOOK, BUNTING, BUTTERFLY, CANVAS, CERAMIC, CHAIN, CLOCK, DECORATION,
        DECORATIVE, DOVE, ENGLAND, FAN, FEATHER, FIGURINE, FINISH, FLAG, FLOWER, FRAGRANCE, FRAME, GARLAND, GLASS,
        GLOBE, HANGING, HEART, LAVENDER, LED, LETTER, MAGNET, METAL, MIRROR, MIRRORED, ORNAMENT, PHOTO, PICTURE,
        PLAQUE, PLASTER, POLYSTYRENE, POT POURRI, ROSE, SCENTED, SIGN, SLATE, SOAP, STAR, STREAMER, TRINKET, VASE,
        WALL, WICKER, WOODEN, WREATH, ZINC
        """,
    ),
)


def category_of(description: str) -> pl.Expr:
    """The category path by the description in column `description`; a missing one counts as empty."""
    text = pl.col(description).fill_null("").str.to_uppercase()
    path = pl.lit(OTHER)
    for category, words in reversed(WORDS):
        choice = "|".join(" ".join(word.split()) for word in words.split(","))
        path = pl.when(text.str.contains(rf"\b(?:{choice})(?:S|ES)?\b")).then(pl.lit(category)).otherwise(path)
    return path

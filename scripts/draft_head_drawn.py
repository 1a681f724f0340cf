"""Pictures that people ask about in plain words, drawn with made-up content: screens, pages, signs and charts."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

INKS: Final = ("#1d2733", "#22324a", "#333333", "#0b3d2e", "#8a8f98", "#b9bec6", "#7a1f1f")
PAPERS: Final = ("#ffffff", "#f6f7f9", "#fff8e7", "#e8f1fa", "#14181f", "#20344f", "#efe3f5")
ACCENTS: Final = ("#2f6fde", "#c0392b", "#1e8449", "#d68910", "#7d3c98", "#117a8b")
NAMES: Final = ("Amber Field", "Blue Heron", "Cedar & Co", "Dovetail", "Eastgate", "Fernhill", "Goldcrest", "Hollybank")
PEOPLE: Final = ("Ines Marlow", "Tom Ashby", "Priya Nandan", "Lukas Brenner", "Aiko Sato", "Marta Reyes")
PLACES: Final = ("Northby", "Saltmere", "Wexcombe", "Fernleigh", "Port Amber", "Lower Dean", "Kestrel Bay")
THINGS: Final = (
    *("Bicycle lamp", "Walking shoes", "Rain jacket", "Espresso beans", "Notebook A5", "Garden chair", "Wool scarf"),
    *("Headphones", "Desk fan", "Water bottle", "Travel mug", "Picture frame", "Running socks", "Tea kettle"),
)
SUBJECTS: Final = (
    *("Rainfall", "Visitors", "Energy use", "Exports", "Library loans", "Bus passengers", "Apple harvest"),
    *("Support tickets", "Website visits", "Newborn lambs", "Train delays", "Home prices", "Screen time"),
    "Vaccinations",
)
COUNTRIES: Final = ("Norway", "Chile", "Kenya", "Portugal", "Japan", "Canada", "Poland", "Vietnam", "Ghana", "Peru")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SENTENCES: Final = (
    "The north entrance is closed until further notice.",
    "Volunteers met on Saturday to plant two hundred trees along the river.",
    "Please bring your own cup; the kitchen has run out of paper ones.",
    "The council will vote on the new cycle path next week.",
    "All tickets remain valid on the replacement bus.",
    "Early results suggest that the new timetable has shortened waiting times.",
    "A second shop will open in spring, next to the old post office.",
    "Members may borrow up to six books for three weeks.",
)


class Sheet:
    """A canvas with a pen, a ground and inks of its own."""

    def __init__(self, chance: Random, width: int, height: int) -> None:
        self.chance = chance
        self.paper = chance.choice(PAPERS)
        self.ink = "#f2f4f7" if self.paper in {"#14181f", "#20344f"} else chance.choice(INKS)
        self.accent = chance.choice(ACCENTS)
        self.width, self.height = width, height
        self.canvas = Image.new("RGB", (width, height), self.paper)
        self.pen = ImageDraw.Draw(self.canvas)

    def write(self, x: float, y: float, text: str, size: int = 22, ink: str = "", *, anchor: str = "la") -> None:
        """`text` at `x`, `y`, in the sheet's ink unless another is named."""
        self.pen.text((x, y), text, ink or self.ink, ImageFont.load_default(size), anchor=anchor)

    def button(self, x: float, y: float, text: str, width: float = 200) -> None:
        """A filled button."""
        self.pen.rectangle((x, y, x + width, y + 48), self.accent)
        self.write(x + width / 2, y + 24, text, 20, "#ffffff", anchor="mm")

    def field(self, x: float, y: float, label: str, text: str = "", width: float = 420) -> None:
        """A labelled input."""
        self.write(x, y, label, 17)
        self.pen.rectangle((x, y + 26, x + width, y + 68), "#ffffff", "#9aa3ad")
        self.write(x + 12, y + 37, text, 18, "#333333")

    def money(self, most: int = 400) -> str:
        """An amount."""
        return f"{self.chance.randint(1, most)}.{self.chance.choice(('00', '50', '95', '99', '20'))}"

    def pick(self, words: Sequence[str], count: int) -> list[str]:
        """Some of `words`, none twice."""
        return self.chance.sample(list(words), count)


def login(chance: Random) -> Sheet:
    """A page to sign in."""
    sheet = Sheet(chance, 900, 700)
    sheet.write(60, 50, chance.choice(NAMES), 34)
    sheet.write(60, 110, chance.choice(("Sign in to your account", "Welcome back", "Log in to continue")), 24)
    sheet.field(60, 180, "Email", f"{chance.choice(PEOPLE).split()[0].lower()}@example.org")
    sheet.field(60, 280, "Password", "********" if chance.random() < 0.5 else "")
    if chance.random() < 0.5:
        sheet.write(60, 360, chance.choice(("Wrong password. Try again.", "This account is locked.")), 17, "#c0392b")
    sheet.button(60, 410, chance.choice(("Sign in", "Log in", "Continue")))
    sheet.write(60, 490, "Forgot your password?", 16, sheet.accent)
    return sheet


def settings(chance: Random) -> Sheet:
    """A phone's settings."""
    sheet = Sheet(chance, 640, 1000)
    sheet.write(40, 40, "Settings", 34)
    rows = ("Notifications", "Privacy", "Language", "Storage", "Dark mode", "Backup", "Sound", "Location", "About")
    for row, name in enumerate(sheet.pick(rows, chance.randint(4, 8))):
        y = 130 + row * 96
        sheet.write(40, y, name, 24)
        sheet.write(40, y + 34, chance.choice(("On", "Off", "English", "Automatic", "12.4 GB used")), 16)
        sheet.pen.rounded_rectangle((520, y + 4, 590, y + 36), 16, chance.choice((sheet.accent, "#c4c9d0")))
    return sheet


def product(chance: Random) -> Sheet:
    """A page of a shop."""
    sheet = Sheet(chance, 1100, 760)
    sheet.write(40, 30, f"{chance.choice(NAMES)} Shop", 28)
    sheet.pen.rectangle((40, 110, 520, 590), "#d5dbe3")
    sheet.pen.ellipse((160, 220, 400, 480), sheet.accent)
    sheet.write(580, 120, chance.choice(THINGS), 36)
    sheet.write(580, 190, f"${sheet.money()}", 32, sheet.accent)
    stars = f"{chance.randint(2, 5)}.{chance.randint(0, 9)} stars"
    sheet.write(580, 250, f"{stars}, {chance.randint(3, 900)} reviews", 18)
    for row, text in enumerate(
        sheet.pick(("Free delivery", "In stock", "Two years warranty", "Returns in 30 days"), 3)
    ):
        sheet.write(580, 300 + 34 * row, f"- {text}", 18)
    sheet.button(580, 450, chance.choice(("Add to cart", "Buy now", "Add to basket")), 260)
    return sheet


def cart(chance: Random) -> Sheet:
    """A shopping cart."""
    sheet = Sheet(chance, 1000, 760)
    sheet.write(40, 40, chance.choice(("Your cart", "Checkout", "Order summary")), 34)
    for row, name in enumerate(sheet.pick(THINGS, chance.randint(2, 5))):
        sheet.write(40, 130 + 70 * row, name)
        sheet.write(620, 130 + 70 * row, f"x{chance.randint(1, 4)}")
        sheet.write(900, 130 + 70 * row, f"${sheet.money()}", anchor="ra")
    sheet.write(40, 520, "Total", 26)
    sheet.write(900, 520, f"${sheet.money(900)}", 26, anchor="ra")
    sheet.button(40, 600, chance.choice(("Pay now", "Place order", "Proceed to payment")), 300)
    return sheet


def banner(chance: Random) -> Sheet:
    """An advertisement."""
    sheet = Sheet(chance, 1200, 500)
    sheet.pen.rectangle((760, 60, 1140, 440), sheet.accent)
    sheet.write(60, 60, chance.choice(NAMES).upper(), 26)
    sheet.write(60, 130, chance.choice(("Summer sale", "Now open", "New in store", "Last chance", "Members' week")), 60)
    sheet.write(60, 230, f"Up to {chance.choice((20, 30, 50, 70))}% off: {chance.choice(THINGS).lower()}", 30)
    sheet.write(60, 290, f"Until {chance.randint(2, 28)} {chance.choice(MONTHS)}", 22)
    sheet.button(60, 360, chance.choice(("Shop now", "Learn more", "Find a store")), 220)
    return sheet


def article(chance: Random) -> Sheet:
    """A piece of news."""
    sheet = Sheet(chance, 1000, 800)
    sheet.write(50, 40, f"The {chance.choice(PLACES)} Courier", 26)
    title = ("River path to be widened", "Market hall reopens", "School wins chess cup", "Storm closes harbour")
    sheet.write(50, 110, chance.choice(title), 44)
    sheet.write(50, 180, f"By {chance.choice(PEOPLE)}, {chance.randint(1, 28)} {chance.choice(MONTHS)} 2026", 17)
    for row, text in enumerate(sheet.pick(SENTENCES, 5)):
        sheet.write(50, 240 + 48 * row, text, 20)
    return sheet


def mail(chance: Random) -> Sheet:
    """A letter on a screen."""
    sheet = Sheet(chance, 1000, 640)
    sender, to = sheet.pick(PEOPLE, 2)
    subject = ("Meeting moved to Thursday", "Your order has shipped", "Invoice attached", "Question about the report")
    sheet.write(40, 40, chance.choice(subject), 30)
    sheet.write(40, 100, f"From: {sender}    To: {to}", 18)
    sheet.write(40, 160, f"Dear {to.split()[0]},", 20)
    for row, text in enumerate(sheet.pick(SENTENCES, 3)):
        sheet.write(40, 210 + 40 * row, text, 20)
    sheet.write(40, 360, f"Best regards, {sender.split()[0]}", 20)
    sheet.button(40, 460, "Reply", 140)
    return sheet


def chat(chance: Random) -> Sheet:
    """A conversation on a phone."""
    sheet = Sheet(chance, 700, 1000)
    sheet.write(40, 30, chance.choice(PEOPLE), 28)
    said = (
        *("Are you coming tonight?", "Yes, a bit later", "Can you bring the tickets?", "The train is delayed again"),
        *("No problem, see you at eight", "I sent you the photos", "Thank you so much!", "Where shall we meet?"),
    )
    for row, text in enumerate(sheet.pick(said, chance.randint(3, 6))):
        left = 30 if row % 2 else 250
        sheet.pen.rounded_rectangle((left, 110 + 120 * row, left + 420, 190 + 120 * row), 20, "#dfe7f3")
        sheet.write(left + 20, 138 + 120 * row, text, 20, "#1d2733")
    return sheet


def sign(chance: Random) -> Sheet:
    """A notice on a wall."""
    sheet = Sheet(chance, 800, 560)
    sheet.write(
        400, 90, chance.choice(("NOTICE", "WARNING", "OPENING HOURS", "NO PARKING", "WELCOME")), 60, anchor="ma"
    )
    for row, text in enumerate(sheet.pick(SENTENCES, 2)):
        sheet.write(400, 240 + 60 * row, text, 21, anchor="ma")
    sheet.write(400, 420, f"Mon-Fri {chance.randint(7, 10)}:00 to {chance.randint(16, 20)}:00", 26, anchor="ma")
    return sheet


def form(chance: Random) -> Sheet:
    """A filled form."""
    sheet = Sheet(chance, 900, 980)
    sheet.write(50, 40, chance.choice(("Membership application", "Claim form", "Registration", "Travel request")), 32)
    rows = {
        "Name": chance.choice(PEOPLE),
        "Town": chance.choice(PLACES),
        "Date of birth": f"{chance.randint(1, 28)}/{chance.randint(1, 12)}/19{chance.randint(50, 99)}",
        "Phone": f"0{chance.randint(100, 999)} {chance.randint(100_000, 999_999)}",
        "Reason": chance.choice(THINGS),
        "Amount": f"${sheet.money()}",
    }
    for row, label in enumerate(sheet.pick(list(rows), chance.randint(4, 6))):
        sheet.field(50, 120 + 110 * row, label, rows[label] if chance.random() < 0.8 else "", 620)
    sheet.write(50, 850, "Signature ______________", 20)
    return sheet


def dialog(chance: Random) -> Sheet:
    """A message of a program."""
    sheet = Sheet(chance, 900, 480)
    sheet.write(
        60, 60, chance.choice(("Delete this file?", "Connection lost", "Update available", "Save changes?")), 34
    )
    told = ("This cannot be undone.", "Check your network and try again.", "Version 4.2 is ready to install.")
    sheet.write(60, 140, chance.choice(told), 22)
    sheet.button(60, 300, chance.choice(("Cancel", "Later", "No")))
    sheet.button(300, 300, chance.choice(("Delete", "Retry", "Install", "Yes")))
    return sheet


def report(chance: Random) -> Sheet:
    """A table of figures."""
    count = chance.randint(4, 9)
    sheet = Sheet(chance, 1100, 240 + 52 * count)
    sheet.write(40, 30, f"{chance.choice(SUBJECTS)} by region, {chance.randint(2015, 2026)}", 30)
    years = [str(2020 + step) for step in range(3)]
    for column, year in enumerate(years):
        sheet.write(560 + 200 * column, 110, year, 22, anchor="ra")
    for row, name in enumerate(sheet.pick((*COUNTRIES, *PLACES), count)):
        sheet.write(40, 170 + 52 * row, name)
        for column in range(len(years)):
            sheet.write(560 + 200 * column, 170 + 52 * row, f"{chance.randint(10, 9_000):,}", anchor="ra")
    return sheet


def bars(chance: Random) -> Sheet:
    """A bar chart."""
    sheet = Sheet(chance, 1000, 640)
    names = sheet.pick(chance.choice((COUNTRIES, MONTHS, THINGS)), chance.randint(4, 7))
    sheet.write(60, 24, f"{chance.choice(SUBJECTS)}, {chance.randint(2010, 2026)}", 28)
    for column, name in enumerate(names):
        value, x = chance.randint(8, 96), 70 + column * 130
        sheet.pen.rectangle((x, 560 - 4.6 * value, x + 84, 560), sheet.accent)
        sheet.write(x + 42, 532 - 4.6 * value, str(value), 20, anchor="ma")
        sheet.write(x + 42, 572, name.split()[0], 18, anchor="ma")
    return sheet


def lines(chance: Random) -> Sheet:
    """A line chart of two series."""
    sheet = Sheet(chance, 1000, 640)
    sheet.write(60, 24, f"{chance.choice(SUBJECTS)} since 2016", 28)
    for tick in range(5):
        sheet.pen.line((90, 560 - 110 * tick, 900, 560 - 110 * tick), "#c4c9d0")
        sheet.write(80, 560 - 110 * tick, str(tick * 25), 17, anchor="rm")
    for year in range(8):
        sheet.write(100 + 110 * year, 576, str(2016 + year), 17, anchor="ma")
    for series, name in enumerate(sheet.pick(COUNTRIES, 2)):
        heights = [chance.randint(5, 98) for _ in range(8)]
        points = [(100 + 110 * year, 560 - 4.4 * value) for year, value in enumerate(heights)]
        sheet.pen.line(points, ACCENTS[series], 5)
        sheet.write(910, points[-1][1], name, 18, ACCENTS[series], anchor="lm")
    return sheet


def pie(chance: Random) -> Sheet:
    """A pie chart with a legend."""
    sheet = Sheet(chance, 900, 620)
    sheet.write(40, 24, f"Share of {chance.choice(SUBJECTS).lower()}", 28)
    cuts = sorted(chance.sample(range(5, 96), 3))
    shares = [end - begin for begin, end in zip([0, *cuts], [*cuts, 100], strict=True)]
    start = -90.0
    for place, (share, name) in enumerate(zip(shares, sheet.pick(COUNTRIES, 4), strict=True)):
        sheet.pen.pieslice((60, 110, 500, 550), start, start + 3.6 * share, ACCENTS[place])
        start += 3.6 * share
        sheet.pen.rectangle((580, 170 + 60 * place, 610, 200 + 60 * place), ACCENTS[place])
        sheet.write(630, 172 + 60 * place, f"{name} {share}%", 22)
    return sheet


def console(chance: Random) -> Sheet:
    """A monitoring page."""
    sheet = Sheet(chance, 1200, 700)
    sheet.write(40, 24, f"{chance.choice(NAMES)} status", 30)
    for column, name in enumerate(sheet.pick(("Uptime", "Errors", "Latency", "Queue", "CPU", "Memory"), 3)):
        sheet.pen.rectangle((40 + 380 * column, 90, 380 + 380 * column, 230), outline=sheet.accent, width=3)
        sheet.write(60 + 380 * column, 105, name, 20)
        sheet.write(60 + 380 * column, 150, chance.choice(("99.9%", "12", "240 ms", "3,104", "71%", "0")), 40)
    for row, name in enumerate(sheet.pick(("api", "search", "billing", "mail", "images", "login"), 5)):
        sheet.write(40, 290 + 60 * row, name)
        sheet.write(500, 290 + 60 * row, chance.choice(("healthy", "degraded", "down", "restarting")))
        sheet.write(900, 290 + 60 * row, f"{chance.randint(1, 900)} ms")
    return sheet


def calendar(chance: Random) -> Sheet:
    """A week of appointments."""
    sheet = Sheet(chance, 1100, 620)
    sheet.write(40, 24, f"{chance.choice(MONTHS)} 2026", 32)
    plans = ("Dentist", "Team meeting", "Call with Ana", "Swimming", "Deadline", "Lunch", "Review", "Train to Northby")
    for column, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri")):
        sheet.write(50 + 210 * column, 100, day, 22)
        for row in range(chance.randint(0, 3)):
            sheet.pen.rectangle((40 + 210 * column, 150 + 110 * row, 235 + 210 * column, 240 + 110 * row), "#dfe7f3")
            sheet.write(50 + 210 * column, 165 + 110 * row, chance.choice(plans), 18, "#1d2733")
            sheet.write(50 + 210 * column, 200 + 110 * row, f"{chance.randint(8, 18)}:30", 16, "#1d2733")
    return sheet


def menu(chance: Random) -> Sheet:
    """A menu of a restaurant."""
    sheet = Sheet(chance, 760, 900)
    sheet.write(380, 50, f"Cafe {chance.choice(PLACES)}", 40, anchor="ma")
    dishes = ("Tomato soup", "Grilled trout", "Mushroom pie", "Garden salad", "Apple cake", "Lentil stew", "Iced tea")
    for row, dish in enumerate(sheet.pick(dishes, chance.randint(4, 7))):
        sheet.write(70, 170 + 84 * row, dish, 24)
        sheet.write(690, 170 + 84 * row, f"{chance.randint(3, 24)}.50", 24, anchor="ra")
    return sheet


def receipt(chance: Random) -> Sheet:
    """A till receipt."""
    count = chance.randint(2, 6)
    sheet = Sheet(chance, 560, 520 + 44 * count)
    sheet.write(280, 40, chance.choice(NAMES).upper(), 28, anchor="ma")
    sheet.write(280, 90, f"{chance.randint(1, 90)} Mill Lane, {chance.choice(PLACES)}", 19, anchor="ma")
    sheet.write(40, 150, f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/2026", 20)
    for row, name in enumerate(sheet.pick(THINGS, count)):
        sheet.write(40, 210 + 44 * row, name, 20)
        sheet.write(520, 210 + 44 * row, sheet.money(), 20, anchor="ra")
    for row, name in enumerate(("Subtotal", "Tax 8%", "TOTAL", "Cash")):
        sheet.write(40, 250 + 44 * (count + row), name, 20)
        sheet.write(520, 250 + 44 * (count + row), sheet.money(900), 20, anchor="ra")
    return sheet


def slide(chance: Random) -> Sheet:
    """A slide of a talk."""
    sheet = Sheet(chance, 1280, 720)
    sheet.write(80, 70, chance.choice(("Next steps", "What we learned", "Our plan for spring", "Why it matters")), 52)
    points = (
        *(
            "Ask more customers, sooner",
            "Ship every two weeks",
            "One owner for each decision",
            "Measure before and after",
        ),
        *("Cut the waiting time in half", "Train new volunteers"),
        *("Write down what we know", "Fewer meetings"),
    )
    for row, text in enumerate(sheet.pick(points, chance.randint(3, 5))):
        sheet.write(110, 200 + 84 * row, f"- {text}", 32)
    return sheet


DRAWERS: Final[tuple[Callable[[Random], Sheet], ...]] = (
    *(login, settings, product, cart, banner, article, mail, chat, sign, form, dialog, report, bars, lines, pie),
    *(console, calendar, menu, receipt, slide),
)


def picture(seed: int) -> bytes:
    """A PNG; the same for the same seed, each of the kinds in its turn."""
    chance = Random(seed)
    file = io.BytesIO()
    DRAWERS[seed % len(DRAWERS)](chance).canvas.save(file, "PNG")
    return file.getvalue()

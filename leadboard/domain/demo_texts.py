"""What the sample data's people wrote: titles, next steps, calls, and notes in Markdown.

Places to fill: {person} (given name), {org}, {city}, {product}, {n} (a small number), {amount}, {colleague}, {month}.
"""

PRODUCTS = (
    "annual service contract", "pilot with {n} seats", "warehouse scanners", "spare parts frame order", "office move", "fleet tracking",
    "training for {n} people", "label printers", "cold-store sensors", "replacement of the old system", "second site", "maintenance plan",
    "test kit", "yearly calibration", "meeting room equipment", "data migration", "self-service kiosk", "energy audit", "extension to {city}",
)  # fmt: skip

TASKS = (
    "Call {person}", "Call back about the offer", "Send the offer", "Send references", "Ask for the budget", "Plan the visit to {city}",
    "Send the revised offer", "Follow up on the sample", "Invite to the webinar", "Check delivery dates", "Prepare the demo", "Clarify the number of seats",
    "Get the contract signed", "Ask who decides", "Send price list", "Talk to {colleague} about the discount", "Book the meeting room",
    "Ask how the test went", "Send minutes", "Confirm the date in {month}",
)  # fmt: skip

CALLS = (
    ("reached", "Good talk. {person} wants the details in writing."),
    ("reached", "Short call, will decide by the end of {month}."),
    ("reached", "Asked for a discount on {n} units; said I would check."),
    ("reached", "{person} is the right contact, but the budget is with the management."),
    ("reached", "Happy with the demo. Next step is a visit in {city}."),
    ("reached", "Not before {month}, then they have the new budget."),
    ("reached", "They compare us with one other supplier. Delivery time matters more than price."),
    ("no_answer", ""),
    ("no_answer", "Rang for a long time."),
    ("left_message", "Left a message, asked for a call back."),
    ("left_message", "Assistant takes it down, {person} is travelling until next week."),
    ("wrong_number", "Number belongs to another department. Got the right one from the switchboard."),
)

SHORT_NOTES = (
    "Met at the fair, took our brochure and asked for a **price list**.",
    "Prefers e-mail. Best time to call is before 10.",
    "Budget about {amount}, not approved yet.",
    "Decision is made by a group of {n}. {person} is for us.",
    "Wants to start small: one site first, {city} later.",
    "Old contract runs until {month}. They must give notice two months earlier.",
    "Came through {colleague}, who knows them from an earlier job.",
    "Asked for two references from the same trade.",
    "Needs the offer in two parts, because anything above {amount} goes to the board.",
    "On holiday until the middle of {month}.",
    "Had trouble with their last supplier: *late deliveries, nobody answered the phone*.",
    "Uses a spreadsheet today, {n} people edit it.",
    "Test kit arrived, they will try it for {n} weeks.",
    "Asked whether we deliver to {city}. Yes, from stock.",
    "Legal has {n} remarks on our terms, none of them hard.",
    "New assistant, introduced myself. Very helpful.",
    "Interested, but **not before {month}**.",
    "Price is fine. The open point is the installation in {city}.",
    "They liked the short delivery time. Sent the data sheet.",
    "Would take {n} more if we keep the price until {month}.",
)

LONG_NOTES = (
    ("## Visit at {org}\n\nWalked through the hall with {person}. What they have today:\n\n- {n} workplaces, two shifts\n- paper lists, typed in at night\n"
    "- one person who knows how it works, and she retires in {month}\n\nThey want to see it **working with their own data** before they decide."),
    ("**Minutes of the call**\n\n1. They need an answer on delivery before {month}.\n2. Price is accepted up to {amount}.\n3. {person} sends the floor plan.\n"
    "4. We send two references.\n\n> We do not want to be your biggest customer, just one that gets a call back."),
    ("Demo went well. Questions that came up:\n\n| question | answer |\n|---|---|\n| how many users | {n}, more later |\n| who trains them | we do, one day in {city} |\n"
    "| what if it fails | replacement within a day |\n\nNext: offer with and without training."),
    ("Who is who:\n\n- {person}: decides, wants to be called by first name\n- the head of finance: needs a number he can defend\n- IT: only asks whether it runs *in the house*\n\n"
    "Offer goes to all three."),
    ("Talked about the competition. They have an offer of about {amount}, without installation. Ours is higher, but includes:\n\n- installation in {city}\n- {n} days of training\n"
    "- a service number that is answered\n\n{colleague} agrees to keep the price until the end of {month}."),
    ("### Requirements\n\n- [x] delivery within {n} weeks\n- [x] invoice per site\n- [ ] data protection agreement\n- [ ] approval by the works council\n\n"
    "They send the agreement back with remarks."),
    ("Their process, as {person} told it:\n\n1. request from the department\n2. three offers\n3. decision by purchasing, above {amount} by the board\n\nWe are in step 2. "
    "The board meets on the first Tuesday of the month."),
    ("Second meeting, this time with the people who will use it. They were careful at first, then found the search and did not stop. "
    "**{n} seats to begin with**, the rest after three months.\n\nOpen: who pays for the move of the old data."),
)  # fmt: skip

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

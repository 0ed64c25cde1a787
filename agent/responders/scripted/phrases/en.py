"""English."""

ENGLISH = {
    # picking up what was said
    "ack": (
        "Got it, thanks.",
        "Okay, that helps.",
        "Thanks, that gives me a clearer picture.",
        "Good to know.",
        "All right, I see where you are.",
        "Understood.",
        "Thanks for telling me.",
    ),
    "ack_long": (
        "Thanks, that tells me a lot already.",
        "Thank you for laying that out, it saves us a few questions.",
        "That's a clear picture, thanks for taking the time.",
    ),
    "ack_choice": ("{value}, great.", "Good, {value} it is.", "{value}, nice."),
    "ack_fits": (
        "Then you're in the right place.",
        "Nice, that's who we work with.",
        "Good, that's our field.",
    ),
    "ack_short": ("{value}, got it.", "{value}, okay.", "{value}, I see."),
    "ack_money": (
        "Thanks for being open about the numbers.",
        "Thanks, that helps me not to point you to something oversized.",
        "Good to know, that tells me which option makes sense.",
    ),
    "ack_zero": (
        "Thanks for being open about it, everybody has been at that point.",
        "That's honest, thank you, and it's a fine place to start from.",
    ),
    "ack_number": ("Good, that's something to plan with.", "Thanks, that's clear.", "Okay, good to know."),
    "ack_yes_no": ("Okay, noted.", "Good, thanks.", "All right."),
    "greeting": ("Hi, good to have you here.", "Hello, nice that you're here.", "Hey, thanks for writing."),
    "welcome": ("You're welcome.", "Gladly.", "Happy to help."),
    "or": ("{first} or {last}",),
    "and": ("{first} and {last}",),
    # putting a question
    "back": (
        "Back to you:",
        "And back to my question:",
        "So, to pick up where we were:",
        "Now to you again:",
    ),
    "from_me": ("And from my side:", "One thing I'd like to know from you:", "Let me ask you something too:"),
    "unclear": (
        "Sorry, I didn't quite get that.",
        "I'm not sure I understood you right.",
        "Hm, I couldn't quite place that.",
    ),
    "easier_text": ("A few words are enough:", "In a word or two, just so I get it right:"),
    "easier_money": ("A rough figure is enough, and zero counts too:", "Just a ballpark number helps:"),
    "easier_number": ("A rough number is enough:", "Just the number, as a guess:"),
    "easier_yes_no": ("A plain yes or no is enough:", "Yes or no will do:"),
    "which": ("Which one is closest: {choices}?", "Which of these describes you best: {choices}?"),
    "yes_which": ("Great. Which one is it: {choices}?", "Good. And which one is closest to you: {choices}?"),
    "no_which": ("Okay. Just to be sure, which one is closest: {choices}?",),
    "need_not": (
        "You don't have to answer this one, then we simply go on. If you like to:",
        "If you'd rather leave it open, just say so and we move on. Otherwise:",
    ),
    "skip": (
        "That's fine, you don't have to tell me. If a rough idea is okay for you:",
        "No problem at all, only as much as you like:",
    ),
    "why": ("Fair question.", "Sure, here is why I ask."),
    "why_generic": (
        "It helps me to see whether this fits you, and which option, instead of selling you the wrong thing.",
    ),
    # doubts
    "doubt_unknown": (
        "I hear you, and I don't want to talk that away.",
        "That's a fair point, and you should only do this if it feels right.",
    ),
    "doubt_again": (
        "I hear you, and I won't keep pushing on that. You know best whether it's right for you.",
        "Fair enough, I said what I can say about that, and you don't have to be convinced.",
        "That's okay. It's your decision, and I'd rather you take it with a clear head.",
    ),
    "after_doubt": (
        "If you like, let's go on:",
        "Whenever you'd like to go on:",
        "And to see whether it would even fit you:",
    ),
    "after_doubt_closing": (
        "Does that help, or is something else in the way?",
        "Is there anything else you'd want to know before you decide?",
        "What else would you need to know to decide either way?",
    ),
    "no_discount": ("I can't change the price, it is what it is listed at.",),
    "no_instalments": ("I can't offer anything other than the payment as it is listed.",),
    # who speaks
    "ai": (
        "Yes, I'm an AI: {name}, the assistant here. I answer from what the business wrote down for me.",
        "You're talking to an AI. I'm {name}, and what I know comes from the business itself.",
    ),
    "ai_again": ("Yes, still an AI.", "As I said, I'm an AI, no person is typing here."),
    "human": (
        "I'm an AI, so I can't put you through to a person from this chat. The team can read it, so whatever you leave here reaches them.",
    ),
    "identity": ("I'm {name}, the AI assistant here. {business}",),
    # ends
    "goodbye": (
        "That's completely fine, thanks for telling me. I'll leave it at that. All the best to you.",
        "No problem at all, thanks for being clear. I won't ask again. Take care.",
        "All right, a no is a no. Thanks for your time, and all the best.",
    ),
    "goodbye_again": ("All good. Take care.", "Understood. All the best.", "Okay. Have a good day."),
    "after_end": (
        "Thanks for writing. All the best to you.",
        "Take care, and all the best.",
        "I wish you well.",
    ),
    # the offer
    "present": (
        "From what you told me, I'd point you to the {name}. {summary} It's {price}.",
        "Going by your answers, the {name} fits best. {summary} The price is {price}.",
    ),
    "present_ideal": ("It's ideal for {ideal}.",),
    "once": ("{price}, paid once",),
    "invite": (
        "Would you like the link, or is there something you want to know first?",
        "Shall I send you the link, or do you have a question first?",
    ),
    "invite_again": (
        "If you want it, say so and I'll send you the link.",
        "Just tell me when you'd like the link.",
        "Anything else you'd like to know?",
        "What else can I tell you?",
    ),
    "link": (
        "Great. Here is the link to the {name} for {price}: {url}",
        "Lovely. You can get the {name} for {price} here: {url}",
    ),
    "link_new": ("Gladly. The {name}: {summary} Here you can get it for {price}: {url}",),
    "link_after": (
        "If anything is unclear on the way, write to me here.",
        "I'm here if a question comes up.",
    ),
    "link_again": ("Here it is again: {url}", "Sure, here's the link once more: {url}"),
    "link_stands": ("The link above works whenever you're ready.", "You have the link, there's no rush."),
    "no_link": (
        "Good choice, thank you. I can't take the payment in this chat at the moment, but that you want the {name} for {price} is on record here for the team.",
    ),
    "no_link_again": (
        "I still have no payment link to give you here. That you want it is on record for the team.",
    ),
    "see_also": ("You'll find more here: {link}",),
    "exhausted": ("Thanks, I have no more questions for you.", "That's all I wanted to ask, thank you."),
    "converted": ("Thank you, your payment is in, and welcome! If anything comes up, write to me here.",),
    "converted_again": (
        "Thanks again for your trust.",
        "You're all set on the payment side.",
        "Good to have you with us.",
    ),
    # answers
    "price_one": ("The {name} is {price}.", "The {name} costs {price}."),
    "price_many": ("There are {count} options: {list}.", "It depends on the option: {list}."),
    "price_item": ("{name} for {price}",),
    "price_hint": (
        "Which one makes sense depends on where you are.",
        "I'd only recommend the one that fits you.",
    ),
    "included": ("The {name}: {summary}",),
    "for_whom": ("The {name} is ideal for {ideal}.",),
    "refund_unknown": ("I have nothing written down about refunds, so I won't promise you any.",),
    "quote": (
        "From our material: {text}",
        "Here's what our documents say: {text}",
        "Our documents put it like this: {text}",
    ),
    "quote_near": ("The closest I have on that in our documents: {text}",),
    "unknown": (
        "I don't know that, and I won't guess. The team can read this chat, so your question reaches them.",
        "Honestly, I have nothing on that here. I'll leave the question in this chat for the team.",
        "That's beyond what I know, and I'd rather not make something up. The team sees your question here.",
    ),
    "anything_else": ("What would you like to know?", "Is there anything you'd like to know?"),
}

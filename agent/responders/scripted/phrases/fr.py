"""French, with vous."""

FRENCH = {
    "ack": (
        "C'est noté, merci.",
        "D'accord, ça m'aide.",
        "Merci, j'y vois plus clair.",
        "C'est bon à savoir.",
        "Très bien, je vois où vous en êtes.",
        "Je comprends.",
        "Merci de me le dire.",
    ),
    "ack_long": (
        "Merci, cela m'en dit déjà beaucoup.",
        "Merci pour ces détails, cela nous évite quelques questions.",
        "C'est clair maintenant, merci d'avoir pris le temps.",
    ),
    "ack_choice": ("{value}, très bien.", "Bien, donc {value}.", "{value}, parfait."),
    "ack_fits": (
        "Alors vous êtes au bon endroit.",
        "Très bien, c'est justement notre domaine.",
        "Bien, c'est ce que nous connaissons.",
    ),
    "ack_short": ("{value}, c'est noté.", "{value}, d'accord.", "{value}, je vois."),
    "ack_money": (
        "Merci de parler des chiffres aussi franchement.",
        "Merci, je ne vous proposerai donc rien de trop grand.",
        "C'est bon à savoir, je vois mieux quelle formule a du sens.",
    ),
    "ack_zero": (
        "Merci pour votre franchise, tout le monde est passé par là.",
        "C'est honnête, merci, et c'est un bon point de départ.",
    ),
    "ack_number": ("Bien, on peut compter avec ça.", "Merci, c'est clair.", "D'accord, bon à savoir."),
    "ack_yes_no": ("D'accord, c'est noté.", "Bien, merci.", "Très bien."),
    "greeting": ("Bonjour, ravi de vous lire.", "Bonjour, merci d'être là.", "Bonjour, merci de m'écrire."),
    "welcome": ("Je vous en prie.", "Avec plaisir.", "Je suis là pour ça."),
    "or": ("{first} ou {last}",),
    "and": ("{first} et {last}",),
    "back": (
        "Revenons à vous :",
        "Et pour revenir à ma question :",
        "Nous en étions là :",
        "À vous de nouveau :",
    ),
    "from_me": ("Et de mon côté :", "Il y a une chose que j'aimerais savoir :", "À mon tour de demander :"),
    "unclear": (
        "Pardon, je n'ai pas tout à fait compris.",
        "Je ne suis pas sûr de bien vous comprendre.",
        "Hmm, je n'ai pas su situer votre réponse.",
    ),
    "easier_text": ("Quelques mots suffisent :", "En un mot ou deux, pour bien comprendre :"),
    "easier_money": (
        "Un chiffre approximatif suffit, et zéro compte aussi :",
        "Un ordre de grandeur me suffit :",
    ),
    "easier_number": ("Un nombre approximatif suffit :", "Juste le nombre, à peu près :"),
    "easier_yes_no": ("Un simple oui ou non suffit :", "Oui ou non, cela me suffit :"),
    "which": (
        "Qu'est-ce qui s'en rapproche le plus : {choices} ?",
        "Qu'est-ce qui vous décrit le mieux : {choices} ?",
    ),
    "yes_which": (
        "Très bien. Lequel est-ce : {choices} ?",
        "Bien. Et qu'est-ce qui s'en rapproche le plus : {choices} ?",
    ),
    "no_which": ("D'accord. Juste pour être sûr, qu'est-ce qui s'en rapproche le plus : {choices} ?",),
    "need_not": (
        "Vous n'êtes pas obligé de répondre, nous continuons simplement. Si vous le voulez bien :",
        "Si vous préférez laisser cela ouvert, dites-le et nous continuons. Sinon :",
    ),
    "skip": (
        "Pas de souci, vous n'êtes pas obligé de me le dire. Si une idée approximative vous convient :",
        "Aucun problème, seulement ce que vous voulez :",
    ),
    "why": ("Question légitime.", "Bien sûr, voici pourquoi je demande."),
    "why_generic": (
        "Cela m'aide à voir si cela vous convient, et sous quelle forme, plutôt que de vous vendre la mauvaise chose.",
    ),
    "doubt_unknown": (
        "Je vous entends, et je ne veux pas balayer cela.",
        "C'est une remarque juste, et vous ne devriez le faire que si vous le sentez bien.",
    ),
    "doubt_again": (
        "Je vous entends, et je n'insiste pas. Vous savez mieux que personne si cela vous convient.",
        "D'accord, j'ai dit ce que je pouvais dire là-dessus, et vous n'avez pas à être convaincu.",
        "C'est bien ainsi. La décision est la vôtre, et autant la prendre au calme.",
    ),
    "after_doubt": (
        "Si vous voulez, continuons :",
        "Quand vous voudrez continuer :",
        "Et pour voir si cela vous conviendrait :",
    ),
    "after_doubt_closing": (
        "Est-ce que cela vous aide, ou y a-t-il autre chose qui vous retient ?",
        "Y a-t-il autre chose que vous aimeriez savoir avant de décider ?",
        "Que vous faudrait-il encore savoir pour décider, dans un sens ou dans l'autre ?",
    ),
    "no_discount": ("Je ne peux pas changer le prix, c'est celui qui est indiqué.",),
    "no_instalments": ("Je ne peux proposer que le paiement tel qu'il est indiqué.",),
    "ai": (
        "Oui, je suis une IA : {name}, l'assistant de ce chat. Je réponds avec ce que l'équipe a écrit pour moi.",
        "Vous parlez avec une IA. Je suis {name}, et ce que je sais vient directement de l'équipe.",
    ),
    "ai_again": ("Oui, toujours une IA.", "Comme je le disais, je suis une IA, personne ne tape ici."),
    "human": (
        "Je suis une IA et je ne peux pas vous passer quelqu'un depuis ce chat. L'équipe peut le lire, ce que vous laissez ici lui parvient donc.",
    ),
    "identity": ("Je suis {name}, l'assistant IA de ce chat. {business}",),
    "goodbye": (
        "C'est tout à fait normal, merci de me le dire. J'en reste là. Bonne continuation à vous.",
        "Aucun problème, merci d'être clair. Je ne redemanderai pas. Prenez soin de vous.",
        "Très bien, un non est un non. Merci pour votre temps et bonne continuation.",
    ),
    "goodbye_again": (
        "Tout va bien. Prenez soin de vous.",
        "Compris. Bonne continuation.",
        "D'accord. Bonne journée.",
    ),
    "after_end": (
        "Merci de m'avoir écrit. Bonne continuation.",
        "Prenez soin de vous.",
        "Je vous souhaite le meilleur.",
    ),
    "present": (
        "D'après ce que vous m'avez dit, je vous conseillerais {name}. {summary} Le prix : {price}.",
        "D'après vos réponses, c'est {name} qui convient le mieux. {summary} Le tarif : {price}.",
    ),
    "present_ideal": ("Idéal pour : {ideal}.",),
    "once": ("{price}, en un seul paiement",),
    "invite": (
        "Voulez-vous le lien, ou souhaitez-vous d'abord savoir autre chose ?",
        "Je vous envoie le lien, ou avez-vous d'abord une question ?",
    ),
    "invite_again": (
        "Si vous le voulez, dites-le et je vous envoie le lien.",
        "Dites-moi simplement quand vous voulez le lien.",
        "Souhaitez-vous savoir autre chose ?",
        "Que puis-je vous dire d'autre ?",
    ),
    "link": (
        "Très bien. Voici le lien vers {name} pour {price} : {url}",
        "Parfait. Vous trouverez {name} pour {price} ici : {url}",
    ),
    "link_new": ("Avec plaisir. {name} : {summary} C'est ici, pour {price} : {url}",),
    "link_after": (
        "Si quelque chose n'est pas clair en chemin, écrivez-moi ici.",
        "Si une question vous vient, je suis là.",
    ),
    "link_again": ("Le revoici : {url}", "Bien sûr, voici le lien à nouveau : {url}"),
    "link_stands": (
        "Le lien ci-dessus vous attend, quand vous voudrez.",
        "Vous avez le lien, rien ne presse.",
    ),
    "no_link": (
        "Bon choix, merci. Je ne peux pas encaisser de paiement dans ce chat pour le moment, mais l'équipe voit ici que vous voulez {name} pour {price}.",
    ),
    "no_link_again": ("Je n'ai toujours pas de lien de paiement ici. L'équipe voit que vous le voulez.",),
    "see_also": ("Vous en saurez plus ici : {link}",),
    "exhausted": ("Merci, je n'ai plus de question.", "C'est tout ce que je voulais savoir, merci."),
    "converted": (
        "Merci, votre paiement est arrivé, et bienvenue ! S'il y a quoi que ce soit, écrivez-moi ici.",
    ),
    "converted_again": (
        "Merci encore pour votre confiance.",
        "Côté paiement, tout est réglé.",
        "C'est bien de vous avoir avec nous.",
    ),
    "price_one": ("{name} coûte {price}.", "Le prix de {name} : {price}."),
    "price_many": ("Il y a {count} formules : {list}.", "Cela dépend de la formule : {list}."),
    "price_item": ("{name} pour {price}",),
    "price_hint": (
        "Laquelle a du sens dépend d'où vous en êtes.",
        "Je ne vous conseillerais que celle qui vous convient.",
    ),
    "included": ("{name} : {summary}",),
    "for_whom": ("{name} est idéal pour : {ideal}.",),
    "refund_unknown": (
        "Je n'ai rien d'écrit sur les remboursements, je ne vous promets donc rien là-dessus.",
    ),
    "quote": (
        "Nos documents disent : {text}",
        "Voici ce que j'ai dans nos documents : {text}",
        "C'est écrit ainsi chez nous : {text}",
    ),
    "quote_near": ("Ce que j'ai de plus proche dans nos documents : {text}",),
    "unknown": (
        "Je ne le sais pas, et je ne veux pas deviner. L'équipe peut lire ce chat, votre question lui parvient donc.",
        "Honnêtement, je n'ai rien là-dessus. Je laisse la question ici pour l'équipe.",
        "Cela dépasse ce que je sais, et je préfère ne rien inventer. L'équipe voit votre question ici.",
    ),
    "anything_else": ("Qu'aimeriez-vous savoir ?", "Y a-t-il quelque chose que vous aimeriez savoir ?"),
}

"""What a message is about, as far as a list of words can tell: English, German, Spanish and French."""

import re

_TOPICS = {
    "instalments": r"instal+ments?|payment plans?|pay monthly|in parts|raten(zahlung)?\b|cuotas|a plazos|plusieurs fois|mensualit",
    "discount": r"discount|coupon|promo ?code|cheaper|lower price|rabatt|gutschein|nachlass|g[üu]nstiger|billiger"
    r"|descuento|cup[óo]n|m[áa]s barato|r[ée]duction|remise|code promo|moins cher",
    "refund": r"refund|money[- ]?back|get .{0,12}back|cancel|geld zur[üu]ck|r[üu]ckerstatt|zur[üu]ckgeben|widerruf|k[üu]ndig"
    r"|reembols|devoluci[óo]n|cancelar|rembours|annuler|r[ée]tract",
    "price": r"how much|\bcosts?\b|\bprices?\b|pricing|\bfees?\b|wie ?viel|kostet|kosten\b|preise?\b|teuer"
    r"|cu[áa]nto|cuesta|precios?\b|\bvale\b|combien|co[ûu]te|\bprix\b|tarifs?\b",
    "human": r"(talk|speak|chat) (to|with) (a |an |some)?(human|person|real|one|body|someone|dana|owner)|real person"
    r"|mit (einem|jemand\w*) (menschen|echten?|sprechen|reden)|hablar con (una persona|alguien|un humano)"
    r"|parler (à|a|avec) (quelqu'un|une personne|un humain)",
    "why": r"^why\??$|why (do|would|are) you (ask|need|want)|what('s| is) that for|wozu|warum (fragst|willst|wollt|m[öo]chtest)"
    r"|wieso|por ?qu[ée] (me )?(preguntas|quieres|necesitas)|para qu[ée]\b|pourquoi (cette|vous|tu)( me)? (question|demande\w*|voul\w*)",
    "identity": r"who are you|what('s| is) your name|who am i (talking|speaking|chatting)|wer bist du|wer sind sie|wie hei(ß|ss)t du"
    r"|qui[ée]n eres|c[óo]mo te llamas|qui [êe]tes[- ]vous|qui es[- ]tu|comment (tu t'appelles|vous appelez)",
    "options": r"\b(options?|packages?|plans?|tiers?|difference|offers?)\b|welche (angebote|pakete|optionen|m[öo]glichkeiten)"
    r"|unterschied|opciones|paquetes|diferencia|quelles? (offres?|options?|formules?)|diff[ée]rence",
    "for_whom": r"who('s| is) (it|this|that) for|(is|would) (it|this|that) (be )?(right |good |something |made |suitable )?for (me|us|beginners|someone)"
    r"|f[üu]r wen|(ist|w[äa]re) das (was|etwas|das richtige)? ?f[üu]r mich|para qui[ée]n|es para m[íi]|pour qui|(c'est|est-ce) .{0,12}pour moi",
    "duration": r"how long|how many (weeks|months|hours|days)|how much time|\bduration\b|hours (a|per) week|wie lange|wie ?viel(e)? (zeit|stunden|wochen|monate)"
    r"|dauert|cu[áa]nto (tiempo|dura)|cu[áa]nt[oa]s (horas|semanas|meses)|combien de (temps|semaines|mois|heures)|dur[ée]e|\bdure\b",
    "included": r"includ|what (do|would|will) i get|what('s| is) (in|inside|part of) (it|this|the)|what exactly|was (ist|bekomme|kriege) .{0,12}(drin|enthalten|ich)|enthalten|beinhaltet"
    r"|qu[ée] (incluye|recibo|obtengo)|incluid|qu'est-ce (que j'ai|qui est) |compris|inclus|contient",
    "what": r"what('s| is) (this|that|it)\b|what do you (do|sell|offer)|what are you selling|how (does|do|would) (it|this|that|you) work|tell me (more|about)|more (info|detail)"
    r"|what is (the )?\w+|worum geht|was ist das|was (macht|verkauft|bietet)|wie (funktioniert|l[äa]uft)|mehr (infos?|erfahren|details)"
    r"|qu[ée] es (esto|eso)|de qu[ée] (se )?trata|qu[ée] (haces|hac[ée]is|vend[ée]is|ofrec)|c[óo]mo funciona|m[áa]s informaci"
    r"|c'est quoi|de quoi s'agit|qu'est-ce que (c'est|vous)|comment ([çc]a|cela) (marche|fonctionne)|en savoir plus",
}
_PATTERNS = {topic: re.compile(words) for topic, words in _TOPICS.items()}

GREETING = re.compile(
    r"^\W*(hi+|hello|hey+|yo|good (morning|evening|afternoon|day)|greetings|hallo|moin|servus|gr[üu](ß|ss) gott|guten (tag|morgen|abend)"
    r"|hola|buen[oa]s( d[íi]as| tardes| noches)?|salut|bonjour|bonsoir|coucou)\b[\W]*(there|zusammen|riley)?\W*$"
)
THANKS = re.compile(r"\b(thanks?|thank you|thx|danke|dankesch[öo]n|gracias|merci)\b")
YES = re.compile(
    r"^\W*(yes|yep|yeah|yup|sure|of course|i am|ja|jep|jo|klar|genau|s[íi]|claro|oui|ouais|bien s[ûu]r)\b"
)
NO = re.compile(r"^\W*(no|nope|nah|not really|nein|n[öe]+|non)\b")
SKIP = re.compile(
    r"rather not|prefer not|don't want to (say|tell|share|answer)|\bskip\b|none of your business|(that's|is) private|no comment|pass on that"
    r"|m[öo]chte ich nicht|will ich nicht (sagen|verraten)|geht dich nichts an|[üu]berspring|weiter bitte|prefiero no|no quiero (decir|contestar)|privado"
    r"|pr[ée]f[èe]re (ne )?pas|pas envie de (dire|r[ée]pondre)|c'est priv[ée]"
)
LINK = re.compile(r"\b(link|url|checkout|enlace|lien)\b")


def topic(folded: str) -> str | None:
    """The first topic that the (casefolded) words touch, the more particular ones first."""
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(folded)), None)


def touches(folded: str, name: str) -> bool:
    """Whether the words touch this topic, whatever else they touch."""
    return _PATTERNS[name].search(folded) is not None

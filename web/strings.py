"""What the pages say, in the languages that they speak."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Strings:
    """One language. ``{agent}`` stands for the agent's name, the page fills the other braces."""

    title: str
    ai_label: str
    ai_note: str
    conversation: str
    you: str
    handle: str
    skip: str
    message: str
    send: str
    latest: str
    typing: str
    left: str
    too_long: str
    offline: str
    reconnecting: str
    wait: str
    unsent: str
    unanswered: str
    again: str
    checkout: str
    source: str
    page: str
    close: str
    needs_script: str
    unknown_title: str
    unknown: str
    expired_title: str
    expired: str
    paused_title: str
    paused: str
    used_up_title: str
    used_up: str


EN = Strings(
    title="Chat with {agent}",
    ai_label="AI assistant",
    ai_note="You’re chatting with an AI assistant.",
    conversation="Conversation",
    you="You",
    handle="Instagram or name (optional)",
    skip="Continue without a name",
    message="Write a message",
    send="Send",
    latest="Go to the latest message",
    typing="{agent} is typing",
    left="{count} left",
    too_long="{count} too many",
    offline="You’re offline. Nothing is lost, it will be sent when you’re back.",
    reconnecting="Reconnecting…",
    wait="You can write again {when}. Your message is kept and sent then.",
    unsent="Not sent",
    unanswered="That did not work on our side.",
    again="Try again",
    checkout="Continue to checkout",
    source="Source",
    page="page {page}",
    close="Close",
    needs_script="This chat needs JavaScript. Please allow it for this page and load it again.",
    unknown_title="This link leads nowhere",
    unknown="Please check it for a typo, or ask whoever gave it to you for a new one.",
    expired_title="This link has expired",
    expired="The conversation behind it is over. Ask whoever gave it to you for a new one.",
    paused_title="This chat is taking a break",
    paused="It is paused at the moment. Please come back a little later.",
    used_up_title="This chat is full",
    used_up="Every place behind this link is taken. Ask whoever gave it to you for a new one.",
)

DE = Strings(
    title="Chat mit {agent}",
    ai_label="KI-Assistent",
    ai_note="Du chattest mit einem KI-Assistenten.",
    conversation="Unterhaltung",
    you="Du",
    handle="Instagram oder Name (optional)",
    skip="Ohne Namen weiter",
    message="Nachricht schreiben",
    send="Senden",
    latest="Zur neuesten Nachricht",
    typing="{agent} schreibt",
    left="noch {count}",
    too_long="{count} zu viel",
    offline="Du bist offline. Nichts geht verloren, es wird gesendet, sobald du wieder da bist.",
    reconnecting="Verbindung wird wiederhergestellt …",
    wait="Du kannst {when} wieder schreiben. Deine Nachricht bleibt und wird dann gesendet.",
    unsent="Nicht gesendet",
    unanswered="Das hat bei uns nicht geklappt.",
    again="Noch einmal",
    checkout="Weiter zur Kasse",
    source="Quelle",
    page="Seite {page}",
    close="Schließen",
    needs_script="Dieser Chat braucht JavaScript. Bitte erlaube es für diese Seite und lade sie neu.",
    unknown_title="Dieser Link führt nirgendwohin",
    unknown="Prüfe ihn auf Tippfehler, oder bitte um einen neuen, wo du ihn bekommen hast.",
    expired_title="Dieser Link ist abgelaufen",
    expired="Die Unterhaltung dahinter ist vorbei. Bitte um einen neuen, wo du ihn bekommen hast.",
    paused_title="Dieser Chat macht eine Pause",
    paused="Er ist gerade angehalten. Schau bitte etwas später wieder vorbei.",
    used_up_title="Dieser Chat ist voll",
    used_up="Alle Plätze hinter diesem Link sind vergeben. Bitte um einen neuen, wo du ihn bekommen hast.",
)

ES = Strings(
    title="Chat con {agent}",
    ai_label="Asistente de IA",
    ai_note="Estás hablando con un asistente de IA.",
    conversation="Conversación",
    you="Tú",
    handle="Instagram o nombre (opcional)",
    skip="Seguir sin nombre",
    message="Escribe un mensaje",
    send="Enviar",
    latest="Ir al último mensaje",
    typing="{agent} está escribiendo",
    left="quedan {count}",
    too_long="sobran {count}",
    offline="Estás sin conexión. No se pierde nada: se enviará cuando vuelvas.",
    reconnecting="Reconectando…",
    wait="Podrás volver a escribir {when}. Tu mensaje se guarda y se enviará entonces.",
    unsent="No enviado",
    unanswered="Algo ha fallado por nuestra parte.",
    again="Reintentar",
    checkout="Continuar al pago",
    source="Fuente",
    page="página {page}",
    close="Cerrar",
    needs_script="Este chat necesita JavaScript. Permítelo en esta página y vuelve a cargarla.",
    unknown_title="Este enlace no lleva a ninguna parte",
    unknown="Revisa si hay una errata o pide uno nuevo a quien te lo dio.",
    expired_title="Este enlace ha caducado",
    expired="La conversación ha terminado. Pide un enlace nuevo a quien te lo dio.",
    paused_title="Este chat se toma un descanso",
    paused="Ahora mismo está en pausa. Vuelve un poco más tarde.",
    used_up_title="Este chat está completo",
    used_up="Todas las plazas de este enlace están ocupadas. Pide uno nuevo a quien te lo dio.",
)

FR = Strings(
    title="Discussion avec {agent}",
    ai_label="Assistant IA",
    ai_note="Vous discutez avec un assistant IA.",
    conversation="Conversation",
    you="Vous",
    handle="Instagram ou prénom (facultatif)",
    skip="Continuer sans nom",
    message="Écrire un message",
    send="Envoyer",
    latest="Aller au dernier message",
    typing="{agent} écrit",
    left="encore {count}",
    too_long="{count} de trop",
    offline="Vous êtes hors ligne. Rien n’est perdu, l’envoi se fera à votre retour.",
    reconnecting="Reconnexion…",
    wait="Vous pourrez écrire à nouveau {when}. Votre message est gardé et partira à ce moment-là.",
    unsent="Non envoyé",
    unanswered="Cela n’a pas fonctionné de notre côté.",
    again="Réessayer",
    checkout="Continuer vers le paiement",
    source="Source",
    page="page {page}",
    close="Fermer",
    needs_script="Cette discussion a besoin de JavaScript. Autorisez-le pour cette page et rechargez-la.",
    unknown_title="Ce lien ne mène nulle part",
    unknown="Vérifiez qu’il ne contient pas de faute, ou demandez-en un nouveau à qui vous l’a donné.",
    expired_title="Ce lien a expiré",
    expired="La conversation est terminée. Demandez un nouveau lien à qui vous l’a donné.",
    paused_title="Cette discussion fait une pause",
    paused="Elle est suspendue pour le moment. Revenez un peu plus tard.",
    used_up_title="Cette discussion est complète",
    used_up="Toutes les places de ce lien sont prises. Demandez-en un nouveau à qui vous l’a donné.",
)

LANGUAGES = {"en": EN, "de": DE, "es": ES, "fr": FR}


def choose_language(accepted: str) -> str:
    """The first language of an ``Accept-Language`` header that the pages speak, ``en`` when there is none.

    Browsers list theirs by preference, so the order stands and the weights are not read.
    """
    tags = (tag.split(";")[0].strip().lower() for tag in accepted.split(","))
    return next((tag[:2] for tag in tags if tag[:2] in LANGUAGES), "en")

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
    privacy: str
    privacy_note: str
    privacy_agree: str
    privacy_marketing: str
    privacy_analytics: str
    privacy_export: str
    privacy_delete: str
    privacy_question: str
    privacy_keep: str
    privacy_sure: str
    privacy_preparing: str
    privacy_ready: str
    privacy_download: str
    privacy_deleting: str
    privacy_deleted: str
    privacy_paid: str
    privacy_saved: str
    privacy_none: str
    privacy_failed: str
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
    privacy="Your data",
    privacy_note=(
        "What you write here is kept so that {agent} can answer you. You can take a copy along, or have "
        "it deleted for good."
    ),
    privacy_agree="I agree to",
    privacy_marketing="News and offers",
    privacy_analytics="Statistics about my visit",
    privacy_export="Get a copy",
    privacy_delete="Delete my data",
    privacy_question="Delete everything you wrote here for good? Nobody can bring it back.",
    privacy_keep="No, keep it",
    privacy_sure="Yes, delete it",
    privacy_preparing="Your copy is being made…",
    privacy_ready="Your copy is ready.",
    privacy_download="Save the file",
    privacy_deleting="Deleting…",
    privacy_deleted="Everything you wrote here is deleted.",
    privacy_paid="What you paid stays in the books, without your name, as tax law asks.",
    privacy_saved="Saved.",
    privacy_none="Nothing is kept yet: you have not written anything.",
    privacy_failed="That did not work. Please try again.",
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
    privacy="Deine Daten",
    privacy_note=(
        "Was du hier schreibst, wird aufbewahrt, damit {agent} dir antworten kann. Du kannst eine Kopie "
        "mitnehmen oder alles endgültig löschen lassen."
    ),
    privacy_agree="Ich bin einverstanden mit",
    privacy_marketing="Neuigkeiten und Angeboten",
    privacy_analytics="Statistik über meinen Besuch",
    privacy_export="Kopie erhalten",
    privacy_delete="Daten löschen",
    privacy_question="Alles endgültig löschen, was du hier geschrieben hast? Niemand kann es zurückholen.",
    privacy_keep="Nein, behalten",
    privacy_sure="Ja, löschen",
    privacy_preparing="Deine Kopie wird erstellt …",
    privacy_ready="Deine Kopie ist fertig.",
    privacy_download="Datei speichern",
    privacy_deleting="Wird gelöscht …",
    privacy_deleted="Alles, was du hier geschrieben hast, ist gelöscht.",
    privacy_paid=(
        "Was du bezahlt hast, bleibt ohne deinen Namen in den Büchern, wie es das Steuerrecht verlangt."
    ),
    privacy_saved="Gespeichert.",
    privacy_none="Noch ist nichts gespeichert: Du hast noch nichts geschrieben.",
    privacy_failed="Das hat nicht geklappt. Bitte versuche es noch einmal.",
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
    privacy="Tus datos",
    privacy_note=(
        "Lo que escribes aquí se guarda para que {agent} pueda responderte. Puedes llevarte una copia o "
        "pedir que se borre para siempre."
    ),
    privacy_agree="Acepto",
    privacy_marketing="Novedades y ofertas",
    privacy_analytics="Estadísticas sobre mi visita",
    privacy_export="Obtener una copia",
    privacy_delete="Borrar mis datos",
    privacy_question="¿Borrar para siempre todo lo que has escrito aquí? Nadie podrá recuperarlo.",
    privacy_keep="No, conservarlo",
    privacy_sure="Sí, borrarlo",
    privacy_preparing="Se está preparando tu copia…",
    privacy_ready="Tu copia está lista.",
    privacy_download="Guardar el archivo",
    privacy_deleting="Borrando…",
    privacy_deleted="Todo lo que escribiste aquí está borrado.",
    privacy_paid="Lo que pagaste queda en los libros, sin tu nombre, como pide la ley fiscal.",
    privacy_saved="Guardado.",
    privacy_none="Todavía no se guarda nada: no has escrito nada.",
    privacy_failed="No ha funcionado. Inténtalo de nuevo.",
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
    privacy="Vos données",
    privacy_note=(
        "Ce que vous écrivez ici est conservé pour que {agent} puisse vous répondre. Vous pouvez en "
        "emporter une copie ou tout faire effacer pour de bon."
    ),
    privacy_agree="J’accepte",
    privacy_marketing="Les nouveautés et les offres",
    privacy_analytics="Les statistiques sur ma visite",
    privacy_export="Obtenir une copie",
    privacy_delete="Effacer mes données",
    privacy_question="Effacer pour de bon tout ce que vous avez écrit ici ? Personne ne pourra le récupérer.",
    privacy_keep="Non, garder",
    privacy_sure="Oui, effacer",
    privacy_preparing="Votre copie se prépare…",
    privacy_ready="Votre copie est prête.",
    privacy_download="Enregistrer le fichier",
    privacy_deleting="Effacement…",
    privacy_deleted="Tout ce que vous avez écrit ici est effacé.",
    privacy_paid=(
        "Ce que vous avez payé reste dans les comptes, sans votre nom, comme la loi fiscale le demande."
    ),
    privacy_saved="Enregistré.",
    privacy_none="Rien n’est encore conservé : vous n’avez rien écrit.",
    privacy_failed="Cela n’a pas fonctionné. Veuillez réessayer.",
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

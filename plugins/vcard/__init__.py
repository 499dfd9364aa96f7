"""vCards: address books in, records out, and a button that takes one of them along."""

from leadboard.api import N_, Action, Actor, Exporter, Importer, LeadRef, PartyRef, Permission, Plugin, PluginBlueprint, hookimpl

from . import reading, writing
from .views import bp

PLUGIN = Plugin(
    name="vcard",
    title="vCard",
    version="1.0",
    requires_api="0.2",
    description="Reads address books (vCard 2.1, 3.0, 4.0) as contacts or leads, writes both and organisations as vCard 4.0, and gives one to your telephone.",
    category="data",
    starts_on=True,
)

VCF = "vcard.vcf"
MEDIA_TYPE = "text/vcard"


@hookimpl
def register_routes() -> list[PluginBlueprint]:
    return [bp]


@hookimpl
def register_importers() -> list[Importer]:
    return [
        Importer(
            key=VCF,
            label=N_("vCard"),
            suffixes=(".vcf", ".vcard"),
            media_types=(MEDIA_TYPE, "text/x-vcard"),
            look=reading.look,
            open=reading.open_table,
            way_back=N_("Letters look wrong?"),
        )
    ]


@hookimpl
def register_exporters() -> list[Exporter]:
    return [
        Exporter(
            key=VCF, label=N_("vCard"), suffix=".vcf", media_type=f"{MEDIA_TYPE}; charset=utf-8", write=writing.write, order=50,
            description=N_("A card for each row, for address books: names, organisation, addresses and numbers, nothing else."),
        )
    ]  # fmt: skip


@hookimpl
def recognise_file(head: bytes, name: str) -> str | None:
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    is_ours = text[:11].upper() == b"BEGIN:VCARD" or name.lower().endswith((".vcf", ".vcard")) or reading.is_other_notation(text)
    return VCF if is_ours else None


@hookimpl
def lead_actions(lead: LeadRef, actor: Actor) -> list[Action]:
    return [_download("p_vcard.download")]


@hookimpl
def party_actions(party: PartyRef, actor: Actor) -> list[Action]:
    return [_download(f"p_vcard.download_{party.record_type}")]


def _download(endpoint: str) -> Action:
    return Action(
        key="vcard.download", label=N_("Download vCard"), endpoint=endpoint, icon="address-book", method="get", needs=Permission.READ, in_menu=True
    )  # fmt: skip

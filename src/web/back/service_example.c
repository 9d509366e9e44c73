/* A declaration to begin with: the base map that most portals ask for. Nothing is declared until somebody saves it. */
#include "web/back/service_example.h"

static void say_in_all(enum message message, struct translated *ret_texts)
{
    for (language lang = 0; lang < language_count(); lang++) {
        ret_texts->texts[lang] = message_plain(lang, message);
    }
}

/* What the OpenStreetMap Foundation says of its tiles: https://operations.osmfoundation.org/policies/tiles/ */
struct service service_example(void)
{
    static const struct service_host hosts[] = {{{"https://tile.openstreetmap.org", 30}, 1u << LOAD_CONNECT}};
    struct service service = {.id = S("openstreetmap"),
                              .name = S("OpenStreetMap"),
                              .provider = S("OpenStreetMap Foundation"),
                              .location = S("United Kingdom"),
                              .policy_url = S("https://osmfoundation.org/wiki/Privacy_Policy"),
                              .purpose = PURPOSE_CONTENT,
                              .hosts = hosts,
                              .host_count = ARRAY_LENGTH(hosts),
                              .basemap = {.tiles = S("https://tile.openstreetmap.org/{z}/{x}/{y}.png"),
                                          .attribution = S("© OpenStreetMap contributors"),
                                          .zoom_most = 19}};
    say_in_all(MSG_BACKOFFICE_SERVICE_EXAMPLE_TEXT, &service.description);
    say_in_all(MSG_BACKOFFICE_SERVICE_EXAMPLE_TITLE, &service.basemap.title);
    return service;
}

str service_example_document(struct arena *arena)
{
    struct service service = service_example();
    return service_document(arena, &service);
}

/* A catalogue with its privacy tables in a directory of its own, and a declaration to start from. */
#ifndef TESTS_UNIT_PRIVACY_PORTAL_H
#define TESTS_UNIT_PRIVACY_PORTAL_H

#include "../directory.h"

#include "base/clock.h"
#include "base/date.h"
#include "domain/privacy/privacy.h"

#define TODAY 20000 /* 2024-10-04 */
#define NOON (TODAY * USEC_DAY + USEC_DAY / 2)

struct portal {
    struct scope scope;
    struct directory directory;
    struct catalog *catalog;
    struct privacy *privacy;
};

static const uint8_t portal_seed[SECRET_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};

static inline void portal_start_privacy(struct portal *portal)
{
    struct privacy_options options = {.controller = S("Ville d\xE2\x80\x99" "Exemple"),
                                      .public_url = S("https://data.example.org/"),
                                      .is_https = true};
    check_ok("open", &portal->scope,
             privacy_open(&portal->scope, portal->catalog, &options, portal_seed,
                          &portal->privacy));
}

static inline int portal_open(void **state)
{
    struct portal *portal = calloc(1, sizeof(*portal));
    scope_open(&portal->scope);
    directory_make(&portal->directory);
    clock_set_wall(NOON);
    const char *data = directory_file(&portal->scope, &portal->directory, "data");
    check_ok("catalogue", &portal->scope, catalog_open(&portal->scope, data, &portal->catalog));
    portal_start_privacy(portal);
    *state = portal;
    return 0;
}

static inline int portal_close(void **state)
{
    struct portal *portal = *state;
    clock_set_wall(0);
    privacy_close(portal->privacy);
    catalog_close(portal->catalog);
    directory_remove(&portal->directory);
    scope_close(&portal->scope);
    free(portal);
    return 0;
}

static inline int portal_start(void **state)
{
    (void)state;
    crypto_start();
    messages_start();
    return 0;
}

#define SERVICE_MEMBERS(id, purpose, hosts, more)                                                  \
    "{\"id\": \"" id "\", \"name\": \"Videos\", \"provider\": \"Video Ltd\","                      \
    " \"location\": \"Ireland\", \"policy_url\": \"https://video.example/privacy\","               \
    " \"purpose\": \"" purpose "\","                                                               \
    " \"description\": {\"en\": \"Shows films.\", \"fr\": \"Montre des films.\"},"                 \
    " \"hosts\": [" hosts "]" more "}"
#define PLAYER "{\"origin\": \"https://player.video.example\", \"loads\": [\"frame\"]}"
#define VIDEOS SERVICE_MEMBERS("videos", "content", PLAYER, "")

static inline void portal_put(struct portal *portal, const char *json)
{
    str id;
    check_ok("put", &portal->scope,
             service_put(&portal->scope, portal->privacy, str_from(json), &id));
}

/** Revision after a declaration was put. */
static inline int64_t portal_revision(struct portal *portal)
{
    const struct registry *registry = privacy_registry(portal->privacy);
    int64_t revision = registry->revision;
    registry_unref(registry);
    return revision;
}

#define PORTAL_TEST(test) cmocka_unit_test_setup_teardown(test, portal_open, portal_close)

#endif

/* What a declaration would bring about, told before it is made. */
#include "portal.h"

#define FASTER "{\"origin\": \"https://player.video.example\", \"loads\": [\"frame\", \"script\"]}"

static void tells_whether_visitors_are_asked_again(void **state)
{
    static const struct {
        const char *why, *json;
        bool asks;
    } rows[] = {
        {"a new one", VIDEOS, true},
        {"the same", VIDEOS, false},
        {"more to load", SERVICE_MEMBERS("videos", "content", FASTER, ""), true},
        {"less to load", VIDEOS, false},
        {"another purpose", SERVICE_MEMBERS("videos", "statistical", PLAYER, ""), true},
    };
    struct portal *portal = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct service service;
        bool asks = !rows[i].asks;
        int64_t before = portal_revision(portal);
        check_ok(rows[i].why, &portal->scope,
                 service_preview(&portal->scope, portal->privacy, str_from(rows[i].json), &service,
                                 &asks));
        check_int(rows[i].why, asks, rows[i].asks);
        check_text("id", service.id, S("videos"));
        check_int("nothing was done", portal_revision(portal), before);
        portal_put(portal, rows[i].json);
        check_int("as was said", portal_revision(portal) - before, rows[i].asks);
    }
}

static void refuses_what_could_not_be_declared(void **state)
{
    struct portal *portal = *state;
    struct service service;
    bool asks;
    assert_int_equal(service_preview(&portal->scope, portal->privacy, S("{}"), &service, &asks),
                     ERR_METADATA);
    check_failure("empty", &portal->scope, ERR_METADATA, "service: id: it is missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {PORTAL_TEST(tells_whether_visitors_are_asked_again),
                                       PORTAL_TEST(refuses_what_could_not_be_declared)};
    return cmocka_run_group_tests(tests, portal_start, NULL);
}

#include "domain/analytics/agent.h"

#include <regex.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/bug.h"

#define BUCKETS 4096
#define PREFIX 3 /* bytes that the look-up goes by */
#define AGENT_BYTES 512
#define NO_ROBOT UINT16_MAX

/* Rows of robot_texts by their first bytes, chained. */
struct agents {
    uint16_t first[BUCKETS];
    uint16_t *next;
    regex_t *patterns;
};

static size_t bucket_of(const char *text)
{
    uint32_t bytes = (uint32_t)(unsigned char)text[0] | (uint32_t)(unsigned char)text[1] << 8 |
                     (uint32_t)(unsigned char)text[2] << 16;
    return (bytes * 2654435761u) >> 20;
}

struct agents *agents_open(void)
{
    struct agents *agents = calloc(1, sizeof(*agents));
    if (!agents) {
        bug_out_of_memory(sizeof(*agents));
    }
    agents->next = calloc(robot_text_count, sizeof(*agents->next));
    agents->patterns = calloc(robot_pattern_count, sizeof(*agents->patterns));
    if (!agents->next || !agents->patterns) {
        bug_out_of_memory(robot_text_count);
    }
    memset(agents->first, 0xff, sizeof(agents->first));
    for (size_t i = robot_text_count; i-- > 0;) { /* earlier rows come first in a chain */
        size_t bucket = bucket_of(robot_texts[i].text);
        agents->next[i] = agents->first[bucket];
        agents->first[bucket] = (uint16_t)i;
    }
    for (size_t i = 0; i < robot_pattern_count; i++) {
        bug_if(regcomp(&agents->patterns[i], robot_patterns[i].text, REG_EXTENDED | REG_NOSUB) != 0);
    }
    return agents;
}

void agents_close(struct agents *agents)
{
    if (!agents) {
        return;
    }
    for (size_t i = 0; i < robot_pattern_count; i++) {
        regfree(&agents->patterns[i]);
    }
    free(agents->patterns);
    free(agents->next);
    free(agents);
}

/* Of all rows that fit, the one that stands first in the list; robots before libraries. */
static const struct robot *find_text(const struct agents *agents, str agent)
{
    const struct robot *found = NULL;
    for (size_t at = 0; at + PREFIX <= agent.n; at++) {
        for (uint16_t i = agents->first[bucket_of(agent.p + at)]; i != NO_ROBOT; i = agents->next[i]) {
            const struct robot *robot = &robot_texts[i];
            bool fits = (!robot->is_first || at == 0) &&
                        str_starts(str_slice(agent, at, agent.n), str_from(robot->text));
            bool is_better = !found || (found->is_library && !robot->is_library) ||
                             (found->is_library == robot->is_library && robot < found);
            found = fits && is_better ? robot : found;
        }
    }
    return found;
}

static const struct robot *find_robot(const struct agents *agents, str agent)
{
    char text[AGENT_BYTES + 1];
    const struct robot *found = find_text(agents, agent);
    if (found && !found->is_library) {
        return found;
    }
    memcpy(text, agent.p ? agent.p : "", agent.n);
    text[agent.n] = 0;
    for (size_t i = 0; i < robot_pattern_count; i++) {
        if (regexec(&agents->patterns[i], text, 0, NULL, 0) == 0) {
            return &robot_patterns[i];
        }
    }
    return found;
}

/* The first row whose text the agent holds counts. */
struct family {
    const char *text, *name;
};

static const struct family browsers[] = {
    {"Edg", "Edge"},          {"OPR/", "Opera"},       {"Opera", "Opera"},        {"Vivaldi/", "Vivaldi"},
    {"SamsungBrowser/", "Samsung Internet"},           {"YaBrowser/", "Yandex"},  {"DuckDuckGo/", "DuckDuckGo"},
    {"UCBrowser/", "UC Browser"},                      {"Brave/", "Brave"},       {"FxiOS/", "Firefox"},
    {"Firefox/", "Firefox"},  {"CriOS/", "Chrome"},    {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"},
    {"Trident/", "Internet Explorer"},                 {"MSIE ", "Internet Explorer"},
    {"Version/", "Safari"},   {"Safari/", "Safari"},   {"Lynx/", "Lynx"},         {"w3m/", "w3m"},
    {"Links ", "Links"}};

static const struct family systems[] = {
    {"Windows", "Windows"}, {"iPhone", "iOS"},   {"iPad", "iPadOS"},      {"iPod", "iOS"},
    {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Macintosh", "macOS"}, {"KAIOS", "KaiOS"},
    {"FreeBSD", "BSD"},     {"OpenBSD", "BSD"},  {"NetBSD", "BSD"},       {"Linux", "Linux"},
    {"X11", "Linux"}};

static const char *family_of(str agent, const struct family *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_find(agent, str_from(rows[i].text), 0) != SIZE_MAX) {
            return rows[i].name;
        }
    }
    return "other";
}

static bool holds(str agent, const char *text)
{
    return str_find(agent, str_from(text), 0) != SIZE_MAX;
}

static const char *device_of(str agent)
{
    if (holds(agent, "iPad") || holds(agent, "Tablet") || (holds(agent, "Android") && !holds(agent, "Mobile"))) {
        return holds(agent, "TV") ? "television" : "tablet";
    }
    if (holds(agent, "Mobi") || holds(agent, "iPhone") || holds(agent, "iPod")) {
        return "phone";
    }
    return holds(agent, "TV") ? "television" : "desktop";
}

static bool is_browser(str agent)
{
    static const char *const starts[] = {"Mozilla/", "Opera/", "Lynx/", "w3m/", "Links "};
    for (size_t i = 0; i < ARRAY_LENGTH(starts); i++) {
        if (str_starts(agent, str_from(starts[i]))) {
            return true;
        }
    }
    return false;
}

struct agent agent_read(const struct agents *agents, str user_agent)
{
    str agent = str_slice(user_agent, 0, user_agent.n < AGENT_BYTES ? user_agent.n : AGENT_BYTES);
    const struct robot *robot = agent.n ? find_robot(agents, agent) : NULL;
    return (struct agent){.family = robot ? robot->family : agent.n ? NULL : "none",
                          .is_library = robot && robot->is_library,
                          .is_browser = !robot && is_browser(agent),
                          .browser = family_of(agent, browsers, ARRAY_LENGTH(browsers)),
                          .system = family_of(agent, systems, ARRAY_LENGTH(systems)),
                          .device = device_of(agent)};
}

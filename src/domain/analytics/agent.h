/* What a User-Agent says, in families: robots apart, browsers, systems and classes of devices as coarse as figures are. */
#ifndef DOMAIN_ANALYTICS_AGENT_H
#define DOMAIN_ANALYTICS_AGENT_H

#include "base/str.h"

/* A row of the list of robots (tools/crawlers.mjs). */
struct robot {
    const char *text;   /* that the agent holds, or a regular expression */
    const char *family;
    bool is_first;      /* … and begins with */
    bool is_library;    /* a library by which programs call: not a robot where they call the API */
};
extern const struct robot robot_texts[];
extern const size_t robot_text_count;
extern const struct robot robot_patterns[];
extern const size_t robot_pattern_count;

struct agent {
    const char *family;  /* of a robot; NULL: none is recognised */
    bool is_library;     /* … it is a library for programs */
    bool is_browser;     /* looks like one that people use */
    const char *browser, *system, *device; /* "Firefox", "Android", "phone"; "other" when not recognised */
};

struct agents;

/** Prepares the look-up. Undone by agents_close. */
struct agents *agents_open(void);
void agents_close(struct agents *agents);

/** Never fails; texts are constants. */
struct agent agent_read(const struct agents *agents, str user_agent);

#endif

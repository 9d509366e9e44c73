/* What the server needs beside records and HTTP: identity, permissions, privacy, pages, quotas. */
#ifndef MAIN_PORTAL_H
#define MAIN_PORTAL_H

#include "main/options.h"
#include "web/shell/call.h"
#include "web/shell/quota.h"

struct portal_settings {
    struct identity_options identity;
    struct privacy_options privacy;
    struct quota_limits quotas;
    struct site_layers layers; /* of the site, below what is stored; its JSON lives as long as the scope */
    str dcat_profiles;
    const str *trusted_origins;
    size_t trusted_origin_count;
    bool explain_cookies;
    bool second_factor_required;
    enum role second_factor_role; /* and those above */
};

/** Reads the settings of these parts. Errors: ERR_USAGE, ERR_FILE. */
enum err portal_read_settings(struct scope *scope, const struct command_line *line, str public_url,
                              struct portal_settings *ret_settings) must_check;

/**
 * Opens the parts and fills them into app, which has catalog and records already. Undone by portal_close.
 * Errors: those of the parts.
 */
enum err portal_open(struct scope *scope, const struct portal_settings *settings, struct app *app) must_check;

/** Closes what portal_open opened, also half-way. */
void portal_close(struct app *app);

/** Takes changes of other processes into service. Call it a few times a second. */
void portal_refresh(struct app *app);

/** While nobody administers the portal: prints the one-time link of the first administrator. */
void portal_welcome(struct app *app, str address);

#endif

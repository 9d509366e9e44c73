/*
 * Statistics of requests, as far as the web is concerned (domain/analytics/analytics.h): what is taken down when a request
 * comes in, for its headers cannot be read any more when its answer is over, and handed on then.
 */
#ifndef WEB_SHELL_COUNTING_H
#define WEB_SHELL_COUNTING_H

#include "domain/analytics/analytics.h"
#include "platform/http/server.h"
#include "web/shell/route.h"

/** What of a route is counted. */
struct counted_route counting_route(const struct route *route);

/**
 * Takes down a request that is to be counted: a GET of a route that counts, whose sender does not object. values: the
 * undecoded segments for {}. Loop-safe, without locks.
 */
void counting_begin(struct exchange *exchange, const struct counted_route *route, const str *values);

/** Who asks, once that is known. */
void counting_actor(struct exchange *exchange, const struct actor *actor);

/** Hands on what was taken down, if anything. */
void counting_end(struct analytics *analytics, struct exchange *exchange, const struct exchange_summary *summary);

#endif

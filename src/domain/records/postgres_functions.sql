-- Functions that statements of ODSQL call on PostgreSQL, where DuckDB has ours (functions.c) or its own.
-- They answer exactly as those do; tests/unit/odsql/test_dialects.c asks both. Made in the schema parvis,
-- in one transaction, by records_postgres_functions. Bodies without quotes are resolved when they are
-- made, so that no search_path of a session changes what they mean; others name our functions with their
-- schema, because workers of Citus have a search_path of their own. Nodes of two releases may share a
-- database: a function whose arguments or result change gets another name.

-- ---- letter case: code point by code point; ICU looks at whole words, and some letters become two ----

-- Not in SQL: what is inlined into a statement loses its collation on its way to a worker of Citus.
create or replace function icu_lower(value text) returns text language plpgsql immutable parallel safe as $$
begin
    return lower(value collate "und-x-icu");
end $$;

create or replace function icu_upper(value text) returns text language plpgsql immutable parallel safe as $$
begin
    return upper(value collate "und-x-icu");
end $$;

create or replace function lower_text(value text) returns text immutable parallel safe
return case when octet_length(value) = length(value) then lower(value collate "C")
            else icu_lower(translate(value, U&'\0130\03A3', U&'i\03C3')) collate "C" end;

create or replace function upper_letter(letter text) returns text immutable parallel safe
return case when letter collate "C" ~ '[\u00df\u0149\u01f0\u0390\u03b0\u0587\u1e96-\u1e9a\u1f50\u1f52\u1f54\u1f56\u1f80-\u1faf\u1fb2-\u1fb4\u1fb6\u1fb7\u1fbc'
        '\u1fc2-\u1fc4\u1fc6\u1fc7\u1fcc\u1fd2\u1fd3\u1fd6\u1fd7\u1fe2-\u1fe4\u1fe6\u1fe7\u1ff2-\u1ff4\u1ff6\u1ff7\u1ffc\ufb00-\ufb06\ufb13-\ufb17]'
            then translate(letter, U&'\00DF\1F80\1F81\1F82\1F83\1F84\1F85\1F86\1F87\1F90\1F91\1F92\1F93\1F94\1F95\1F96\1F97\1FA0\1FA1'
              '\1FA2\1FA3\1FA4\1FA5\1FA6\1FA7\1FB3\1FC3\1FF3',
              U&'\1E9E\1F88\1F89\1F8A\1F8B\1F8C\1F8D\1F8E\1F8F\1F98\1F99\1F9A\1F9B\1F9C\1F9D\1F9E\1F9F\1FA8\1FA9'
              '\1FAA\1FAB\1FAC\1FAD\1FAE\1FAF\1FBC\1FCC\1FFC')
            else icu_upper(letter) collate "C" end;

create or replace function upper_text(value text) returns text immutable parallel safe
return case when octet_length(value) = length(value) then upper(value collate "C")
            when value collate "C" ~ '[\u00df\u0149\u01f0\u0390\u03b0\u0587\u1e96-\u1e9a\u1f50\u1f52\u1f54\u1f56\u1f80-\u1faf\u1fb2-\u1fb4\u1fb6\u1fb7\u1fbc'
        '\u1fc2-\u1fc4\u1fc6\u1fc7\u1fcc\u1fd2\u1fd3\u1fd6\u1fd7\u1fe2-\u1fe4\u1fe6\u1fe7\u1ff2-\u1ff4\u1ff6\u1ff7\u1ffc\ufb00-\ufb06\ufb13-\ufb17]'
            then (select string_agg(upper_letter(letter), '' order by place)
                  from regexp_split_to_table(value, '') with ordinality as letters (letter, place))
            else icu_upper(value) collate "C" end;

-- ---- folding, as platform/text/fold.h: NFKD, non-spacing marks dropped, case folded ----

create or replace function without_marks(value text) returns text immutable parallel safe
return regexp_replace(normalize(value, NFKD),
        '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7\u0610-\u061a'
        '\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a'
        '\u07a6-\u07b0\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823\u0825-\u0827\u0829-\u082d'
        '\u0859-\u085b\u0898-\u089f\u08ca-\u08e1\u08e3-\u0902\u093a\u093c\u0941-\u0948\u094d\u0951-\u0957'
        '\u0962-\u0963\u0981\u09bc\u09c1-\u09c4\u09cd\u09e2-\u09e3\u09fe\u0a01-\u0a02\u0a3c\u0a41-\u0a42'
        '\u0a47-\u0a48\u0a4b-\u0a4d\u0a51\u0a70-\u0a71\u0a75\u0a81-\u0a82\u0abc\u0ac1-\u0ac5\u0ac7-\u0ac8'
        '\u0acd\u0ae2-\u0ae3\u0afa-\u0aff\u0b01\u0b3c\u0b3f\u0b41-\u0b44\u0b4d\u0b55-\u0b56\u0b62-\u0b63'
        '\u0b82\u0bc0\u0bcd\u0c00\u0c04\u0c3c\u0c3e-\u0c40\u0c46-\u0c48\u0c4a-\u0c4d\u0c55-\u0c56'
        '\u0c62-\u0c63\u0c81\u0cbc\u0cbf\u0cc6\u0ccc-\u0ccd\u0ce2-\u0ce3\u0d00-\u0d01\u0d3b-\u0d3c'
        '\u0d41-\u0d44\u0d4d\u0d62-\u0d63\u0d81\u0dca\u0dd2-\u0dd4\u0dd6\u0e31\u0e34-\u0e3a\u0e47-\u0e4e'
        '\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f18-\u0f19\u0f35\u0f37\u0f39\u0f71-\u0f7e\u0f80-\u0f84'
        '\u0f86-\u0f87\u0f8d-\u0f97\u0f99-\u0fbc\u0fc6\u102d-\u1030\u1032-\u1037\u1039-\u103a'
        '\u103d-\u103e\u1058-\u1059\u105e-\u1060\u1071-\u1074\u1082\u1085-\u1086\u108d\u109d\u135d-\u135f'
        '\u1712-\u1714\u1732-\u1733\u1752-\u1753\u1772-\u1773\u17b4-\u17b5\u17b7-\u17bd\u17c6'
        '\u17c9-\u17d3\u17dd\u180b-\u180d\u180f\u1885-\u1886\u18a9\u1920-\u1922\u1927-\u1928\u1932'
        '\u1939-\u193b\u1a17-\u1a18\u1a1b\u1a56\u1a58-\u1a5e\u1a60\u1a62\u1a65-\u1a6c\u1a73-\u1a7c\u1a7f'
        '\u1ab0-\u1abd\u1abf-\u1ace\u1b00-\u1b03\u1b34\u1b36-\u1b3a\u1b3c\u1b42\u1b6b-\u1b73\u1b80-\u1b81'
        '\u1ba2-\u1ba5\u1ba8-\u1ba9\u1bab-\u1bad\u1be6\u1be8-\u1be9\u1bed\u1bef-\u1bf1\u1c2c-\u1c33'
        '\u1c36-\u1c37\u1cd0-\u1cd2\u1cd4-\u1ce0\u1ce2-\u1ce8\u1ced\u1cf4\u1cf8-\u1cf9\u1dc0-\u1dff'
        '\u20d0-\u20dc\u20e1\u20e5-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302d\u3099-\u309a\ua66f'
        '\ua674-\ua67d\ua69e-\ua69f\ua6f0-\ua6f1\ua802\ua806\ua80b\ua825-\ua826\ua82c\ua8c4-\ua8c5'
        '\ua8e0-\ua8f1\ua8ff\ua926-\ua92d\ua947-\ua951\ua980-\ua982\ua9b3\ua9b6-\ua9b9\ua9bc-\ua9bd\ua9e5'
        '\uaa29-\uaa2e\uaa31-\uaa32\uaa35-\uaa36\uaa43\uaa4c\uaa7c\uaab0\uaab2-\uaab4\uaab7-\uaab8'
        '\uaabe-\uaabf\uaac1\uaaec-\uaaed\uaaf6\uabe5\uabe8\uabed\ufb1e\ufe00-\ufe0f\ufe20-\ufe2f'
        '\U000101fd\U000102e0\U00010376-\U0001037a\U00010a01-\U00010a03\U00010a05-\U00010a06'
        '\U00010a0c-\U00010a0f\U00010a38-\U00010a3a\U00010a3f\U00010ae5-\U00010ae6\U00010d24-\U00010d27'
        '\U00010eab-\U00010eac\U00010efd-\U00010eff\U00010f46-\U00010f50\U00010f82-\U00010f85\U00011001'
        '\U00011038-\U00011046\U00011070\U00011073-\U00011074\U0001107f-\U00011081\U000110b3-\U000110b6'
        '\U000110b9-\U000110ba\U000110c2\U00011100-\U00011102\U00011127-\U0001112b\U0001112d-\U00011134'
        '\U00011173\U00011180-\U00011181\U000111b6-\U000111be\U000111c9-\U000111cc\U000111cf'
        '\U0001122f-\U00011231\U00011234\U00011236-\U00011237\U0001123e\U00011241\U000112df'
        '\U000112e3-\U000112ea\U00011300-\U00011301\U0001133b-\U0001133c\U00011340\U00011366-\U0001136c'
        '\U00011370-\U00011374\U00011438-\U0001143f\U00011442-\U00011444\U00011446\U0001145e'
        '\U000114b3-\U000114b8\U000114ba\U000114bf-\U000114c0\U000114c2-\U000114c3\U000115b2-\U000115b5'
        '\U000115bc-\U000115bd\U000115bf-\U000115c0\U000115dc-\U000115dd\U00011633-\U0001163a\U0001163d'
        '\U0001163f-\U00011640\U000116ab\U000116ad\U000116b0-\U000116b5\U000116b7\U0001171d-\U0001171f'
        '\U00011722-\U00011725\U00011727-\U0001172b\U0001182f-\U00011837\U00011839-\U0001183a'
        '\U0001193b-\U0001193c\U0001193e\U00011943\U000119d4-\U000119d7\U000119da-\U000119db\U000119e0'
        '\U00011a01-\U00011a0a\U00011a33-\U00011a38\U00011a3b-\U00011a3e\U00011a47\U00011a51-\U00011a56'
        '\U00011a59-\U00011a5b\U00011a8a-\U00011a96\U00011a98-\U00011a99\U00011c30-\U00011c36'
        '\U00011c38-\U00011c3d\U00011c3f\U00011c92-\U00011ca7\U00011caa-\U00011cb0\U00011cb2-\U00011cb3'
        '\U00011cb5-\U00011cb6\U00011d31-\U00011d36\U00011d3a\U00011d3c-\U00011d3d\U00011d3f-\U00011d45'
        '\U00011d47\U00011d90-\U00011d91\U00011d95\U00011d97\U00011ef3-\U00011ef4\U00011f00-\U00011f01'
        '\U00011f36-\U00011f3a\U00011f40\U00011f42\U00013440\U00013447-\U00013455\U00016af0-\U00016af4'
        '\U00016b30-\U00016b36\U00016f4f\U00016f8f-\U00016f92\U00016fe4\U0001bc9d-\U0001bc9e'
        '\U0001cf00-\U0001cf2d\U0001cf30-\U0001cf46\U0001d167-\U0001d169\U0001d17b-\U0001d182'
        '\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad\U0001d242-\U0001d244\U0001da00-\U0001da36'
        '\U0001da3b-\U0001da6c\U0001da75\U0001da84\U0001da9b-\U0001da9f\U0001daa1-\U0001daaf'
        '\U0001e000-\U0001e006\U0001e008-\U0001e018\U0001e01b-\U0001e021\U0001e023-\U0001e024'
        '\U0001e026-\U0001e02a\U0001e08f\U0001e130-\U0001e136\U0001e2ae\U0001e2ec-\U0001e2ef'
        '\U0001e4ec-\U0001e4ef\U0001e8d0-\U0001e8d6\U0001e944-\U0001e94a\U000e0100-\U000e01ef]+'
        collate "C", '', 'g');

-- Where folding is not the same as lower case.
create or replace function fold_rare(value text) returns text immutable parallel safe
return translate(icu_lower(translate(replace(replace(value, U&'\00DF', 'ss'), U&'\1E9E', 'ss'),
              U&'\03A3\03C2\1C80\1C81\1C82\1C83\1C84\1C85\1C86\1C87\1C88\+01E030\+01E031\+01E032\+01E033\+01E034'
              '\+01E035\+01E036\+01E037\+01E038\+01E039\+01E03A\+01E03B\+01E03C\+01E03D\+01E03E\+01E03F\+01E040'
              '\+01E041\+01E042\+01E043\+01E044\+01E045\+01E046\+01E047\+01E048\+01E049\+01E04A\+01E04B\+01E04C'
              '\+01E04D\+01E04E\+01E04F\+01E050\+01E051\+01E052\+01E053\+01E054\+01E055\+01E056\+01E057\+01E058'
              '\+01E059\+01E05A\+01E05B\+01E05C\+01E05D\+01E05E\+01E05F\+01E060\+01E061\+01E062\+01E063\+01E064'
              '\+01E065\+01E066\+01E067\+01E068\+01E069\+01E06A\+01E06B\+01E06C\+01E06D',
              U&'\03C3\03C3\0432\0434\043E\0441\0442\0442\044A\0463\A64B\0430\0431\0432\0433\0434\0435\0436\0437'
              '\0438\043A\043B\043C\043E\043F\0440\0441\0442\0443\0444\0445\0446\0447\0448\044B\044D\044E\A689'
              '\04D9\0456\0458\04E9\04AF\04CF\0430\0431\0432\0433\0434\0435\0436\0437\0438\043A\043B\043E\043F'
              '\0441\0443\0444\0445\0446\0447\0448\044A\044B\0491\0456\0455\045F\04AB\A651\04B1')) collate "C",
              U&'\AB70\AB71\AB72\AB73\AB74\AB75\AB76\AB77\AB78\AB79\AB7A\AB7B\AB7C\AB7D\AB7E\AB7F\AB80\AB81\AB82'
              '\AB83\AB84\AB85\AB86\AB87\AB88\AB89\AB8A\AB8B\AB8C\AB8D\AB8E\AB8F\AB90\AB91\AB92\AB93\AB94\AB95'
              '\AB96\AB97\AB98\AB99\AB9A\AB9B\AB9C\AB9D\AB9E\AB9F\ABA0\ABA1\ABA2\ABA3\ABA4\ABA5\ABA6\ABA7\ABA8'
              '\ABA9\ABAA\ABAB\ABAC\ABAD\ABAE\ABAF\ABB0\ABB1\ABB2\ABB3\ABB4\ABB5\ABB6\ABB7\ABB8\ABB9\ABBA\ABBB'
              '\ABBC\ABBD\ABBE\ABBF\13F8\13F9\13FA\13FB\13FC\13FD',
              U&'\13A0\13A1\13A2\13A3\13A4\13A5\13A6\13A7\13A8\13A9\13AA\13AB\13AC\13AD\13AE\13AF\13B0\13B1\13B2'
              '\13B3\13B4\13B5\13B6\13B7\13B8\13B9\13BA\13BB\13BC\13BD\13BE\13BF\13C0\13C1\13C2\13C3\13C4\13C5'
              '\13C6\13C7\13C8\13C9\13CA\13CB\13CC\13CD\13CE\13CF\13D0\13D1\13D2\13D3\13D4\13D5\13D6\13D7\13D8'
              '\13D9\13DA\13DB\13DC\13DD\13DE\13DF\13E0\13E1\13E2\13E3\13E4\13E5\13E6\13E7\13E8\13E9\13EA\13EB'
              '\13EC\13ED\13EE\13EF\13F0\13F1\13F2\13F3\13F4\13F5');

create or replace function fold_apart(value text) returns text immutable parallel safe
return case when value collate "C" ~ '[\u00df\u1e9e\u03a3\u03c2\u1c80-\u1c88\u13a0-\u13ff\uab70-\uabbf\U0001e030-\U0001e06d]' then fold_rare(value)
            else icu_lower(value) collate "C" end;

create or replace function fold_text(value text) returns text immutable parallel safe
return case when octet_length(value) = length(value) then lower(value collate "C")
            else fold_apart(without_marks(value)) end;

-- The bytes of a text as letters: DuckDB's levenshtein() compares bytes.
create or replace function bytes_text(value text) returns text immutable parallel safe
return case when octet_length(value) = length(value) then value
            else convert_from(convert_to(value, 'UTF8'), 'LATIN1') end;

-- By how many letters a term differs from a word of such letters; more than most is not counted.
create or replace function bytes_distance(term text, word text, most integer) returns integer
immutable parallel safe
return levenshtein_less_equal(bytes_text(term), word, most);

create or replace function path_levels(path text, separator text, count bigint) returns text
immutable parallel safe
return array_to_string((string_to_array(path, separator))[:count::integer], separator);

create or replace function list_distinct(list text[]) returns text[] immutable parallel safe
return array(select distinct item from unnest(list) as items (item) where item is not null);

-- ---- doubles: they overflow to infinity and underflow to 0, where PostgreSQL's own fail ----

create or replace function double_sign(negative boolean, size double precision) returns double precision
immutable parallel safe
return case when negative then -size else size end;

create or replace function double_plus_large(a double precision, b double precision)
returns double precision immutable parallel safe
return case when abs(a) = 'infinity' or abs(b) = 'infinity' or a = 'nan' or b = 'nan' or
                 abs(a) < '1e290' or abs(b) < '1e290'
            then a + b
            when abs(a / 2 + b / 2) >= power(2::double precision, 1023) then double_sign(a < 0, 'infinity')
            else a + b end;

create or replace function double_plus(a double precision, b double precision)
returns double precision immutable parallel safe
return case when abs(a) < '1e307' and abs(b) < '1e307' then a + b else double_plus_large(a, b) end;

create or replace function double_minus(a double precision, b double precision)
returns double precision immutable parallel safe
return case when abs(a) < '1e307' and abs(b) < '1e307' then a - b else double_plus_large(a, -b) end;

create or replace function double_times_far(a double precision, b double precision)
returns double precision immutable parallel safe
return case when a = 0 or b = 0 or a = 'nan' or b = 'nan' or abs(a) = 'infinity' or abs(b) = 'infinity'
            then a * b
            when abs(a) >= 1 and abs(b) >= 1 and
                 abs((a * power(2::double precision, -512)) * (b * power(2::double precision, -512))) >= 1
            then double_sign((a < 0) <> (b < 0), 'infinity')
            when abs(a) < power(2::double precision, -540) and abs(b) < power(2::double precision, -540)
            then double_sign((a < 0) <> (b < 0), 0)
            when abs(a) < 1 and abs(b) < 1 and
                 (a * power(2::double precision, 512)) * (b * power(2::double precision, 512))
                     between -power(2::double precision, -51) and power(2::double precision, -51)
            then double_sign((a < 0) <> (b < 0), 0)
            else a * b end;

create or replace function double_times(a double precision, b double precision)
returns double precision immutable parallel safe
return case when abs(a) between '1e-150' and '1e150' and abs(b) between '1e-150' and '1e150' then a * b
            else double_times_far(a, b) end;

create or replace function double_over_far(a double precision, b double precision)
returns double precision immutable parallel safe
return case when a = 0 or b = 0 or a = 'nan' or b = 'nan' or abs(a) = 'infinity' or abs(b) = 'infinity'
            then a / b
            when abs(b) < 1 and abs(a) >= power(2::double precision, -500) and
                 abs(a) * power(2::double precision, -512) >= abs(b) * power(2::double precision, 512)
            then double_sign((a < 0) <> (b < 0), 'infinity')
            when abs(b) >= 1 and abs(a) < 1 and
                 abs(a) * power(2::double precision, 1000) <= abs(b) * power(2::double precision, -75)
            then double_sign((a < 0) <> (b < 0), 0)
            else a / b end;

create or replace function double_over(a double precision, b double precision)
returns double precision immutable parallel safe
return case when abs(a) between '1e-150' and '1e150' and abs(b) between '1e-150' and '1e150' then a / b
            else double_over_far(a, b) end;

create or replace function double_add(a double precision, b double precision)
returns double precision immutable strict parallel safe
return double_plus(a, b);

create or replace aggregate double_total(double precision) (
    sfunc = double_add, stype = double precision, combinefunc = double_add, parallel = safe);

create or replace function double_sum(a double precision, b double precision)
returns double precision immutable parallel safe
return case when a is null then b when b is null then a else double_plus(a, b) end;

create or replace function double_between(low double precision, high double precision, share double precision)
returns double precision immutable parallel safe
return double_plus(double_times(low, 1 - share), double_times(high, share));

create or replace function quantile_place(sorted double precision[], place double precision)
returns double precision immutable parallel safe
return case when floor(place) = place then sorted[place::integer + 1]
            else double_between(sorted[floor(place)::integer + 1], sorted[floor(place)::integer + 2],
                                place - floor(place)) end;

-- The value at a share of sorted ones: PostgreSQL's percentile_cont() rounds otherwise.
create or replace function quantile_at(sorted double precision[], share double precision)
returns double precision immutable parallel safe
return quantile_place(sorted, (cardinality(sorted) - 1) * share);

-- Halves go away from 0.
create or replace function double_whole(value double precision) returns double precision
immutable parallel safe
return case when abs(value) < 4503599627370496
            then sign(value) * (floor(abs(value)) + case when abs(value) - floor(abs(value)) >= 0.5 then 1 else 0 end)
            else value end;

create or replace function double_rounded(value double precision, power double precision)
returns double precision immutable parallel safe
return case when abs(double_times(value, power)) < 'infinity'
            then double_whole(double_times(value, power)) / power else value end;

create or replace function double_round(value double precision, decimals integer)
returns double precision immutable parallel safe
return double_rounded(value, power(10::double precision, decimals));

-- As DuckDB writes doubles: always with a point or an exponent, which it has from 1e16 on.
create or replace function double_text(value double precision) returns text immutable parallel safe
return case when value = 'nan' then 'nan'
            when abs(value) = 'infinity' then case when value > 0 then 'inf' else '-inf' end
            when abs(value) >= '1e15' and abs(value) < '1e16' then case when value::text::numeric = trunc(value::text::numeric) then value::text::numeric::text || '.0'
                      else value::text::numeric::text end
            when value::text ~ '[.e]' then value::text
            else value::text || '.0' end;

-- ---- whole numbers ----

create or replace function whole_or_null(value numeric) returns bigint immutable parallel safe
return case when value between -9223372036854775808 and 9223372036854775807 then value::bigint end;

-- A sum of whole numbers, as DuckDB makes a double of its 128 bits.
create or replace function hugeint_lower(value numeric) returns numeric immutable parallel safe
return mod(mod(value, 18446744073709551616) + 18446744073709551616, 18446744073709551616);

create or replace function hugeint_double(value numeric) returns double precision immutable parallel safe
return case when value >= 0 and value < 18446744073709551616 then value::double precision
            when value < 0 and value >= -18446744073709551616 then -((-value - 1)::double precision) - 1
            else hugeint_lower(value)::double precision +
                 div(value - hugeint_lower(value), 18446744073709551616)::double precision *
                 18446744073709551616::double precision end;

-- The mean of whole numbers: DuckDB divides with 64 bits behind the leading one, then rounds to a double.
create or replace function whole_mean(total numeric, count bigint) returns double precision
language plpgsql immutable parallel safe as $$
declare
    size numeric := abs(total);
    divisor numeric := count;
    shift integer;
    quotient numeric;
begin
    if total is null or count = 0 then
        return null;
    elsif total = 0 then
        return 0;
    end if;
    shift := 63 - floor(ln(size / count) / ln(2::numeric))::integer;
    loop
        divisor := count * (2::numeric ^ greatest(-shift, 0));
        quotient := div(size * (2::numeric ^ greatest(shift, 0)), divisor);
        exit when quotient >= 9223372036854775808 and quotient < 18446744073709551616;
        shift := shift + case when quotient < 9223372036854775808 then 1 else -1 end;
    end loop;
    size := size * (2::numeric ^ greatest(shift, 0)) - quotient * divisor; -- what is left
    if 2 * size > divisor or (2 * size = divisor and mod(quotient, 2) = 1) then
        quotient := quotient + 1;
    end if;
    return sign(total)::double precision * quotient::double precision * power(2::double precision, -shift);
end $$;

-- ---- an order that looks random: DuckDB's hash of two whole numbers ----

create or replace function hash_high(value bigint) returns bigint immutable parallel safe
return value # ((value >> 32) & 4294967295);

create or replace function hash_times(value bigint) returns bigint immutable parallel safe
return (mod((mod(value::numeric + 18446744073709551616, 18446744073709551616) * 15485907386658061715),
            18446744073709551616) - 9223372036854775808)::bigint # (-9223372036854775808);

create or replace function hash_whole(value bigint) returns bigint immutable parallel safe
return hash_high(hash_times(hash_high(hash_times(hash_high(value)))));

create or replace function random_order(row_number bigint, seed bigint) returns bigint immutable parallel safe
return (hash_times(hash_high(hash_whole(row_number))) # hash_whole(seed)) # (-9223372036854775808);

-- ---- dates ----

-- A zone is the seconds since 1970 at which its offset changes, and the offsets, with that before the first.
create or replace function zone_offset(instant timestamp, starts double precision[], offsets integer[])
returns interval immutable parallel safe
return interval '1 second' * offsets[case when cardinality(starts) = 0 then 1
                                          else width_bucket(date_part('epoch', instant), starts) + 1 end];

create or replace function local_time(instant timestamp, starts double precision[], offsets integer[])
returns timestamp immutable parallel safe
return instant + zone_offset(instant, starts, offsets);

-- The year before year 1 is 0.
create or replace function whole_date_part(part text, local timestamp) returns bigint
immutable parallel safe
return case when not isfinite(local) then null
            when part = 'year' and date_part('year', local) < 0 then date_part('year', local) + 1
            else floor(date_part(part, local)) end::bigint;

create or replace function floor_bucket(step interval, local timestamp, bucket timestamp) returns timestamp
immutable parallel safe
return case when local - bucket >= step then bucket + step else bucket end;

-- Steps of months are 1, 3 or 12 of them.
create or replace function time_bucket(step interval, local timestamp, origin timestamp) returns timestamp
immutable parallel safe
return case when not isfinite(local) then local
            when step = interval '1 month' then date_trunc('month', local)
            when step = interval '3 months' then date_trunc('quarter', local)
            when step = interval '1 year' then date_trunc('year', local)
            else floor_bucket(step, local, date_bin(step, local, origin)) end;

-- An hour that is lived twice is the first one, one that is left out the one behind it (platform/text/zone.h).
create or replace function instant_of_local(local timestamp, starts double precision[], offsets integer[])
returns timestamp language plpgsql immutable parallel safe as $$
declare
    before interval := parvis.zone_offset(local - interval '1 day', starts, offsets);
    after interval;
begin
    if parvis.zone_offset(local - before, starts, offsets) = before then
        return local - before;
    end if;
    after := parvis.zone_offset(local + interval '1 day', starts, offsets);
    return local - case when parvis.zone_offset(local - after, starts, offsets) = after then after else before end;
end $$;

-- The same, but an hour that is lived twice is the second one.
create or replace function later_instant(local timestamp, starts double precision[], offsets integer[])
returns timestamp language plpgsql immutable parallel safe as $$
declare
    after interval := parvis.zone_offset(local + interval '1 day', starts, offsets);
begin
    return local - case when parvis.zone_offset(local - after, starts, offsets) = after then after
                        else parvis.zone_offset(local - interval '1 day', starts, offsets) end;
end $$;

create or replace function offset_text(minutes bigint) returns text immutable parallel safe
return case when minutes < 0 then '-' else '+' end || lpad((abs(minutes) / 60)::text, 2, '0') || ':' ||
       lpad((abs(minutes) % 60)::text, 2, '0');

-- In a language of its own, for what is computed once to be written once: as one expression it takes up to ten times as long.
create or replace function instant_text(instant timestamp, starts double precision[], offsets integer[],
    is_utc boolean) returns text language plpgsql stable parallel safe as $$
declare
    shift interval := parvis.zone_offset(instant, starts, offsets);
    local timestamp := instant + shift;
    year bigint := parvis.whole_date_part('year', local);
begin
    return case when year between 0 and 9999 then lpad(year::text, 4, '0')
                else case when year < 0 then '-' else '+' end || lpad(abs(year)::text, 6, '0') end ||
           to_char(local, '-MM-DD"T"HH24:MI:SS.MS') ||
           case when is_utc then 'Z' else parvis.offset_text(trunc(extract(epoch from shift) / 60)::bigint) end;
end $$;

create or replace function zoned_text(local timestamp, starts double precision[], offsets integer[],
    is_utc boolean) returns text stable parallel safe
return instant_text(instant_of_local(local, starts, offsets), starts, offsets, is_utc);

-- ---- JSON ----

create or replace function is_json(value text) returns boolean
language plpgsql immutable parallel unsafe as $$
begin
    return case when value is not null then value::json is not null end;
exception when others then
    return false;
end $$;

-- ---- record ids where fields are hidden (functions.c, visible_id) ----

create or replace function id_part(tag text, value bytea) returns bytea immutable parallel safe
return case when value is null then 'n'::bytea
            else convert_to(tag, 'UTF8') || int8send(octet_length(value)::bigint) || value end;

create or replace function id_value(value boolean) returns bytea immutable parallel safe
return id_part('b', case when value then '\x01'::bytea when not value then '\x00'::bytea end);

create or replace function id_value(value bigint) returns bytea immutable parallel safe
return id_part('i', int8send(value));

create or replace function id_value(value double precision) returns bytea immutable parallel safe
return id_part('d', float8send(case when value = 0 then 0 else value end));

create or replace function id_value(value text) returns bytea immutable parallel safe
return id_part('t', convert_to(value, 'UTF8'));

create or replace function id_value(value bytea) returns bytea immutable parallel safe
return id_part('x', value);

create or replace function id_value(value date) returns bytea immutable parallel safe
return id_part('y', date_send(value));

create or replace function id_value(value timestamp) returns bytea immutable parallel safe
return id_part('s', timestamp_send(value));

create or replace function id_value(value text[]) returns bytea immutable parallel safe
return id_part('l', case when value is not null then coalesce((select string_agg(id_value(item), '' order by place)
    from unnest(value) with ordinality as items (item, place)), '') end);

-- ---- points ----

create or replace function point_distance(longitude double precision, latitude double precision,
    other_longitude double precision, other_latitude double precision) returns double precision
immutable parallel safe
return case when longitude is not null and latitude is not null and other_longitude is not null and
                 other_latitude is not null
            then 2 * '6371008.7714'::double precision * asin(sqrt(least(1::double precision,
    sin((other_latitude - latitude) * '0.017453292519943295'::double precision / 2) *
    sin((other_latitude - latitude) * '0.017453292519943295'::double precision / 2) +
    cos(latitude * '0.017453292519943295'::double precision) *
    cos(other_latitude * '0.017453292519943295'::double precision) *
    sin((other_longitude - longitude) * '0.017453292519943295'::double precision / 2) *
    sin((other_longitude - longitude) * '0.017453292519943295'::double precision / 2)))) end;

create or replace function cell_step(value double precision, lowest double precision, span double precision,
    bits integer) returns bigint immutable parallel safe
return case when value is not null -- which greatest() and least() pass over
            then greatest(0::double precision, least((1::bigint << bits)::double precision - 1,
    floor((value - lowest) / span * power(2::double precision, bits))))::bigint end;

create or replace function cell_of_point(longitude double precision, latitude double precision,
    digits bigint) returns bigint immutable parallel safe
return (cell_step(longitude, -180, 360, ((5 * digits + 1) / 2)::integer) << 32) |
       cell_step(latitude, -90, 180, (5 * digits / 2)::integer);

-- ---- shapes made of numbers ----

create or replace function wkb_bytes(sent bytea) returns bytea immutable parallel safe
return substr(sent, 8, 1) || substr(sent, 7, 1) || substr(sent, 6, 1) || substr(sent, 5, 1) ||
       substr(sent, 4, 1) || substr(sent, 3, 1) || substr(sent, 2, 1) || substr(sent, 1, 1);

create or replace function wkb_position(x double precision, y double precision) returns bytea
immutable parallel safe
return wkb_bytes(float8send(x)) || wkb_bytes(float8send(y));

create or replace function box_shape(west double precision, south double precision,
    east double precision, north double precision) returns bytea immutable parallel safe
return '\x01030000000100000005000000'::bytea || wkb_position(west, south) || wkb_position(east, south) ||
       wkb_position(east, north) || wkb_position(west, north) || wkb_position(west, south);

create or replace function turns_left(points double precision[], a integer, b integer, c integer)
returns boolean immutable parallel safe
return double_times(points[b][1] - points[a][1], points[c][2] - points[a][2]) -
       double_times(points[b][2] - points[a][2], points[c][1] - points[a][1]) > 0;

-- The convex hull of points sorted from west to east, as platform/geometry/hull.c makes it.
create or replace function hull_shape(points double precision[]) returns bytea
language plpgsql immutable parallel safe as $$
declare
    count integer := array_length(points, 1);
    chain integer[] := array_fill(0, array[2 * coalesce(count, 0)]);
    n integer := 0;
    south integer;
    wkb bytea := ''::bytea;
    length_bytes bytea;
begin
    if count is null then
        return null;
    elsif count = 1 then
        return '\x0101000000'::bytea || parvis.wkb_position(points[1][1], points[1][2]);
    elsif count = 2 then
        return '\x010200000002000000'::bytea || parvis.wkb_position(points[1][1], points[1][2]) ||
               parvis.wkb_position(points[2][1], points[2][2]);
    end if;
    for i in 1 .. count loop
        while n > 1 and not parvis.turns_left(points, chain[n - 1], chain[n], i) loop
            n := n - 1;
        end loop;
        n := n + 1;
        chain[n] := i;
    end loop;
    south := n;
    for i in reverse count - 1 .. 1 loop
        while n > south and not parvis.turns_left(points, chain[n - 1], chain[n], i) loop
            n := n - 1;
        end loop;
        n := n + 1;
        chain[n] := i;
    end loop;
    n := n - 1;
    if n = 2 then
        return '\x010200000002000000'::bytea || parvis.wkb_position(points[chain[1]][1], points[chain[1]][2]) ||
               parvis.wkb_position(points[chain[2]][1], points[chain[2]][2]);
    end if;
    length_bytes := int4send(n + 1);
    for i in 1 .. n loop
        wkb := wkb || parvis.wkb_position(points[chain[i]][1], points[chain[i]][2]);
    end loop;
    return '\x010300000001000000'::bytea || substr(length_bytes, 4, 1) || substr(length_bytes, 3, 1) ||
           substr(length_bytes, 2, 1) || substr(length_bytes, 1, 1) || wkb || substr(wkb, 1, 16);
end $$;

-- ---- clusters, as platform/geometry/cluster.c joins cells ----

create or replace function turn_longitude(longitude double precision) returns double precision
immutable parallel safe
return case when longitude < -180 then longitude + 360 when longitude >= 180 then longitude - 360
            else longitude end;

create or replace function grid_columns(degrees double precision, grid_row bigint) returns bigint
immutable parallel safe
return greatest(1::double precision, floor(360 * cos(least(90::double precision,
    greatest(abs(grid_row::double precision * degrees - 90), abs((grid_row + 1)::double precision * degrees - 90)))
    * pi() / 180) / degrees))::bigint;

create or replace function grid_column(columns bigint, longitude double precision) returns bigint
immutable parallel safe
return least(floor((turn_longitude(longitude) + 180) / 360 * columns::double precision)::bigint, columns - 1);

create or replace function grid_place(grid_row bigint, grid_column bigint, size integer) returns integer
immutable parallel safe
return ((grid_row * 1000003 + grid_column) % size + size)::integer % size + 1;

create or replace function json_degrees(value double precision) returns text immutable parallel safe
return case when value = 0 then '0.0'
            when abs(value) >= '1e-5' and abs(value) < '1e-4' and
                 round(value * '1e7'::double precision) / '1e7'::double precision = value
            then rtrim(to_char(value, 'FM0.0000000'), '0')
            else double_text(value) end;

-- Joins cells once; what is joined is written over the arrays of the cells.
create or replace function join_cells(inout cells bigint[], inout sizes bigint[], inout xs double precision[],
    inout ys double precision[], metres double precision, out of_cell integer[], out clusters integer)
language plpgsql immutable parallel safe as $$
declare
    count integer := cardinality(cells);
    degrees double precision := metres / '6371008.7714'::double precision * 180 / pi();
    ranks integer[] := array(select i from generate_series(1, count) as places (i) order by sizes[i] desc, cells[i]);
    size integer := 1;
    heads integer[];
    nexts integer[] := array_fill(0, array[count]);
    cluster_cells bigint[] := array_fill(0::bigint, array[count]);
    cluster_sizes bigint[] := array_fill(0::bigint, array[count]);
    cluster_xs double precision[] := array_fill(0::double precision, array[count]);
    cluster_ys double precision[] := array_fill(0::double precision, array[count]);
    item integer;
    best integer;
    least_found double precision;
    distance double precision;
    middle bigint;
    grid_row bigint;
    columns bigint;
    grid_column_of bigint;
    looked bigint;
    place integer;
    at integer;
    share double precision;
begin
    while size < count + 1 loop
        size := 2 * size;
    end loop;
    heads := array_fill(0, array[size]);
    of_cell := array_fill(0, array[count]);
    clusters := 0;
    foreach item in array ranks loop
        best := 0;
        least_found := metres;
        middle := floor((ys[item] + 90) / degrees)::bigint;
        grid_row := middle - 1;
        while grid_row <= middle + 1 loop
            columns := parvis.grid_columns(degrees, grid_row);
            grid_column_of := parvis.grid_column(columns, xs[item]);
            for i in 0 .. least(3, columns) - 1 loop
                looked := (grid_column_of + case when columns < 3 then i else i - 1 end + columns) % columns;
                at := heads[parvis.grid_place(grid_row, looked, size)];
                while at <> 0 loop
                    distance := parvis.point_distance(xs[item], ys[item], cluster_xs[at], cluster_ys[at]);
                    if distance < least_found or (distance = least_found and at < best and best <> 0) then
                        least_found := distance;
                        best := at;
                    end if;
                    at := nexts[at];
                end loop;
            end loop;
            grid_row := grid_row + 1;
        end loop;
        if best = 0 then
            clusters := clusters + 1;
            best := clusters;
            cluster_cells[best] := cells[item];
            cluster_sizes[best] := sizes[item];
            cluster_xs[best] := xs[item];
            cluster_ys[best] := ys[item];
        else
            middle := floor((cluster_ys[best] + 90) / degrees)::bigint;
            place := parvis.grid_place(middle, parvis.grid_column(parvis.grid_columns(degrees, middle), cluster_xs[best]), size);
            if heads[place] = best then
                heads[place] := nexts[best];
            else
                at := heads[place];
                while nexts[at] <> best loop
                    at := nexts[at];
                end loop;
                nexts[at] := nexts[best];
            end if;
            share := sizes[item]::double precision /
                     (cluster_sizes[best]::double precision + sizes[item]::double precision);
            cluster_xs[best] := parvis.turn_longitude(cluster_xs[best] +
                                               parvis.turn_longitude(xs[item] - cluster_xs[best]) * share);
            cluster_ys[best] := cluster_ys[best] + (ys[item] - cluster_ys[best]) * share;
            cluster_sizes[best] := cluster_sizes[best] + sizes[item];
        end if;
        middle := floor((cluster_ys[best] + 90) / degrees)::bigint;
        place := parvis.grid_place(middle, parvis.grid_column(parvis.grid_columns(degrees, middle), cluster_xs[best]), size);
        nexts[best] := heads[place];
        heads[place] := best;
        of_cell[item] := best;
    end loop;
    cells := cluster_cells[:clusters];
    sizes := cluster_sizes[:clusters];
    xs := cluster_xs[:clusters];
    ys := cluster_ys[:clusters];
end $$;

create or replace function cluster_values(of_cells bigint[], of_sizes bigint[], of_xs double precision[],
    of_ys double precision[], metres double precision)
returns table (cell bigint, value text) language plpgsql immutable parallel safe as $$
declare
    joined record;
    of_cell integer[];
    before integer := cardinality(of_cells);
begin
    if cardinality(of_cells) > 250000 then
        raise exception using errcode = 'PV002', message = 'geo_cluster(): there are more than 250,000 '
            'clusters; choose a smaller zoom, or filter with in_bbox()';
    elsif cardinality(of_cells) = 0 then
        return;
    end if;
    joined := parvis.join_cells(of_cells, of_sizes, of_xs, of_ys, metres);
    of_cell := joined.of_cell;
    for pass in 1 .. 49 loop
        exit when joined.clusters >= before;
        before := joined.clusters;
        joined := parvis.join_cells(joined.cells, joined.sizes, joined.xs, joined.ys, metres);
        for i in 1 .. cardinality(of_cell) loop
            of_cell[i] := joined.of_cell[of_cell[i]];
        end loop;
    end loop;
    return query select of_cells[i], '{"cluster_centroid": {"lat": ' || parvis.json_degrees(joined.ys[of_cell[i]]) ||
                        ', "lon": ' || parvis.json_degrees(joined.xs[of_cell[i]]) || '}}'
                 from generate_series(1, cardinality(of_cells)) as places (i);
end $$;

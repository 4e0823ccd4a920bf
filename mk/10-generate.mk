# What the build makes from queries/, migrations/ and assets/.
#   queries/*.sql   -> $(B)/gen/queries.{h,c}: an enum and a table of statements
#   migrations/*.sql-> $(B)/gen/migrations.c: the files, in order
#   assets/*.html   -> $(B)/gen/templates.{h,c}; css, js, icons -> $(B)/gen/assets.{h,c}
GENERATED :=
GEN_db :=
GEN_web :=

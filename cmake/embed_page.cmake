# cmake -D FOLDER=daemon/status/page -D OUT=FILE.cpp -P embed_page.cmake: the parts of the page for people as C++.

file(READ ${FOLDER}/page.html html)
file(READ ${FOLDER}/page.css style)
set(script "")
foreach(name dom plots troubles collections page)
  file(READ ${FOLDER}/${name}.js part)
  string(APPEND script "${part}")
endforeach()
file(WRITE ${OUT} "#include \"daemon/status/people_page.hpp\"

namespace kinto_mirror::daemon {

const PageParts people_parts{R\"page(${html})page\",
                             R\"page(${style})page\",
                             R\"page(${script})page\"};

}  // namespace kinto_mirror::daemon
")

#include "Support.h"

#include <arrow/compute/initialize.h>

#include <cstdlib>

namespace motet {

std::string sentence(const arrow::Status& status) {
  std::string text = status.message();
  // The system's reason, such as a full disk, stands in the detail.
  if (status.detail() != nullptr) text += " (" + status.detail()->ToString() + ")";
  for (char& character : text) {
    if (character == '\n' || character == '\r') character = ' ';
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  if (text.empty()) text = status.CodeAsString();
  return text;
}

void check(const arrow::Status& status, MotetTableStatus code, const std::string& who) {
  if (status.ok()) return;
  throw TableError(code, who + ": " + sentence(status) + ".");
}

void initializeArrow() {
  static const arrow::Status status = arrow::compute::Initialize();
  check(status, MOTET_TABLE_INTERNAL, "Arrow");
}

char* copied(const std::string& text) {
  char* copy = strdup(text.c_str());
  if (copy == nullptr) throw std::bad_alloc();
  return copy;
}

}  // namespace motet

extern "C" void motet_arrow_free(void* memory) { std::free(memory); }

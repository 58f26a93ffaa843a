// Errors as sentences, and the guard that turns every C++ exception into a status.
#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <cstring>
#include <exception>
#include <string>
#include <utility>

#include "include/CArrow.h"

namespace motet {

struct TableError : std::exception {
  MotetTableStatus code;
  std::string message;

  TableError(MotetTableStatus code, std::string message)
      : code(code), message(std::move(message)) {}
  const char* what() const noexcept override { return message.c_str(); }
};

/// Arrow's message on one line, without the source positions it appends in some builds.
std::string sentence(const arrow::Status& status);

/// Throws when `status` is a failure; `who` starts the sentence.
void check(const arrow::Status& status, MotetTableStatus code, const std::string& who);

template <typename Value>
Value take(arrow::Result<Value> result, MotetTableStatus code, const std::string& who) {
  check(result.status(), code, who);
  return std::move(result).ValueUnsafe();
}

/// Registers Arrow's compute functions once.
void initializeArrow();

char* copied(const std::string& text);

template <typename Body>
MotetTableStatus guarded(char** message, Body body) noexcept {
  auto fail = [message](MotetTableStatus code, const char* text) {
    if (message != nullptr) *message = strdup(text);
    return code;
  };
  try {
    initializeArrow();
    body();
    return MOTET_TABLE_OK;
  } catch (const TableError& error) {
    return fail(error.code, error.message.c_str());
  } catch (const std::bad_alloc&) {
    return fail(MOTET_TABLE_INTERNAL, "reading data: memory is exhausted.");
  } catch (const std::exception& error) {
    return fail(MOTET_TABLE_INTERNAL, error.what());
  } catch (...) {
    return fail(MOTET_TABLE_INTERNAL, "reading data: an unknown error in Arrow.");
  }
}

}  // namespace motet

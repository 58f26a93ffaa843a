import Foundation

@testable import MotetServing

/// Checks values against the schemas of an OpenAPI document, as far as the server's use of JSON Schema goes;
/// a keyword it does not know is a problem of its own, so that nothing goes unchecked.
struct SchemaCheck {
    let document: JSONValue

    /// What is wrong with an answer: its status, its header fields, its type or its body.
    func problems(_ reply: Reply, _ method: String, _ path: String) -> [String] {
        guard let operation = document["paths"]?[path]?[method.lowercased()] else {
            return ["\(method) \(path) is not in the document"]
        }
        guard let response = operation["responses"]?[String(reply.status)] else {
            return ["\(method) \(path) does not say \(reply.status)"]
        }
        var problems: [String] = []
        for header in response["headers"]?.members ?? [] {
            let field = resolved(header.value)
            guard let value = reply.fields[header.key.lowercased()] else {
                problems.append("the field \(header.key) is missing")
                continue
            }
            guard let schema = field["schema"] else { continue }
            let isInteger = schema["type"] == "integer"
            let read = isInteger ? Int64(value).map { JSONValue.integer($0) } : .text(value)
            problems += self.problems(read ?? .text(value), schema, header.key)
        }
        guard response["content"] != nil else {
            let isEmpty = reply.body.isEmpty && reply.fields["content-type"] == nil
            return problems + (isEmpty ? [] : ["there is a body"])
        }
        let type = reply.fields["content-type"] ?? "none"
        guard let content = response["content"]?[type]?["schema"] else {
            return problems + ["the type \(type) is not said"]
        }
        guard type == "application/json" else { return problems }
        let body = reply.body.withUnsafeBufferPointer {
            try? JSONParser.parse($0, maximumDepth: 64)
        }
        guard let body else { return problems + ["the body is no JSON"] }
        return problems + self.problems(body, content, "body")
    }

    /// What is wrong with a value.
    func problems(_ value: JSONValue, _ schema: JSONValue, _ place: String) -> [String] {
        let schema = resolved(schema)
        var problems: [String] = []
        for member in schema.members {
            problems += self.problems(value, member.key, member.value, schema, place)
        }
        return problems
    }

    private func resolved(_ schema: JSONValue) -> JSONValue {
        guard case .text(let reference)? = schema["$ref"] else { return schema }
        var value = document
        for part in reference.split(separator: "/").dropFirst() {
            value = value[String(part)] ?? .null
        }
        return value
    }

    private func problems(
        _ value: JSONValue,
        _ keyword: String,
        _ limit: JSONValue,
        _ schema: JSONValue,
        _ place: String
    ) -> [String] {
        func check(_ isRight: Bool) -> [String] { isRight ? [] : ["\(place): \(keyword)"] }
        switch keyword {
        case "description": return []
        case "type":
            let types = limit.elements.isEmpty ? [limit] : limit.elements
            return check(types.contains { Self.isOf($0, value) })
        case "const": return check(value == limit)
        case "enum": return check(limit.elements.contains(value))
        case "oneOf":
            let fits = limit.elements.count { self.problems(value, $0, place).isEmpty }
            return check(fits == 1)
        case "minimum": return check((value.double ?? .infinity) >= (limit.double ?? 0))
        case "maximum": return check((value.double ?? -.infinity) <= (limit.double ?? 0))
        case "minLength", "maxLength":
            guard case .text(let text) = value else { return [] }
            let (count, bound) = (Double(text.unicodeScalars.count), limit.double ?? 0)
            return check(keyword == "minLength" ? count >= bound : count <= bound)
        case "pattern":
            guard case .text(let text) = value, case .text(let pattern) = limit,
                let expression = try? Regex(pattern)
            else { return [] }
            return check(text.firstMatch(of: expression) != nil)
        case "minItems", "maxItems":
            guard case .array(let values) = value else { return [] }
            let (count, bound) = (Double(values.count), limit.double ?? 0)
            return check(keyword == "minItems" ? count >= bound : count <= bound)
        case "items":
            guard case .array(let values) = value else { return [] }
            return values.enumerated().flatMap {
                self.problems($1, limit, "\(place)[\($0)]")
            }
        case "required":
            guard case .object = value else { return [] }
            return limit.elements.flatMap { name -> [String] in
                guard case .text(let name) = name else { return [] }
                return value[name] == nil ? ["\(place): \(name) is missing"] : []
            }
        case "properties":
            return limit.members.flatMap { property in
                value[property.key].map {
                    self.problems($0, property.value, "\(place).\(property.key)")
                } ?? []
            }
        case "additionalProperties":
            let known = Set(schema["properties"]?.members.map(\.key) ?? [])
            return value.members.filter { !known.contains($0.key) }
                .map { "\(place): \($0.key) is not known" }
        default: return ["\(place): the keyword \(keyword) is not checked"]
        }
    }

    private static func isOf(_ type: JSONValue, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", .integer),
            ("number", .number), ("string", .text), ("array", .array), ("object", .object):
            true
        default: false
        }
    }
}

extension JSONValue {
    /// The fields of an object.
    var members: [JSONMember] { if case .object(let members) = self { members } else { [] } }
    /// The values of a list.
    var elements: [JSONValue] { if case .array(let values) = self { values } else { [] } }

    /// The field of an object.
    subscript(name: String) -> JSONValue? { members.first { $0.key == name }?.value }

    /// The number.
    var double: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }
}

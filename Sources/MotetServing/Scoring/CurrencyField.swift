import HTTPTypes

/// The field that names the currency of a request's amounts.
enum CurrencyField {
    /// Checks that amounts are in the server's currency: nothing is converted.
    ///
    /// - Parameters:
    ///   - value: the field; nil where it is missing.
    ///   - field: how the field is called.
    ///   - currency: the server's.
    /// - Throws: `RequestError` where it is missing, no text, or another currency.
    static func check(
        _ value: JSONValue?,
        _ field: String = "currency",
        is currency: String
    ) throws(RequestError) {
        guard let value else { throw .missing(field, "`\(currency)`") }
        guard case .text(let name) = value else {
            throw .wrongType(field, expected: "the name of a currency", value)
        }
        guard name == currency else {
            throw RequestError(
                .badRequest,
                "unknown_currency",
                field: field,
                message:
                    "\(field): another currency than the server's; expected `\(currency)`; received "
                    + "`\(name.shortened)`. Convert the amounts."
            )
        }
    }
}

import Foundation

/// How characters are brought into one spelling before words are compared.
public enum TextForm: String, Hashable, Sendable, Codable, CaseIterable {
    /// As they are written.
    case asWritten = "as_written"
    /// Canonical composition (NFC): `e` with an accent and the letter of one code point are one.
    case canonical
    /// Compatibility composition (NFKC): also ligatures, full-width letters and superscripts.
    case compatibility

    /// A text in this form.
    func applied(to text: String) -> String {
        switch self {
        case .asWritten: text
        case .canonical: text.precomposedStringWithCanonicalMapping
        case .compatibility: text.precomposedStringWithCompatibilityMapping
        }
    }
}

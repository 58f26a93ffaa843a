public import MotetCore

/// What every error of a user's mistake has: a code in snake case, and one sentence of bounded length.
public enum SentenceCheck {
    /// The most scalars of a sentence, whatever the document was.
    public static let maximumLength = 1_000

    /// What is wrong with an error; nil where nothing is.
    public static func problem(_ error: any ReportableError) -> String? {
        problem(code: error.code.rawValue, sentence: error.description)
    }

    /// What is wrong with a code and its sentence; nil where nothing is.
    public static func problem(code: String, sentence: String) -> String? {
        let isCode = code.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard !code.isEmpty, isCode else { return "the code \"\(code)\" is none" }
        let scalars = sentence.unicodeScalars
        guard scalars.count <= maximumLength else {
            return
                "the sentence has \(scalars.count) scalars: \(sentence.unicodeScalars.prefix(80))..."
        }
        guard !scalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
            return "the sentence has control characters: \(sentence.debugDescription)"
        }
        guard sentence.contains("expected"), sentence.hasSuffix(".") || sentence.hasSuffix("?")
        else { return "the sentence does not say what was expected, or does not end: \(sentence)" }
        return nil
    }
}

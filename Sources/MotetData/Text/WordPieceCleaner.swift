import Foundation

/// Brings a text into the form that WordPiece vocabularies of BERT are made for, and cuts it into words.
///
/// Control characters go, white space becomes a space, Chinese characters stand alone; then, if wanted,
/// canonical decomposition, nonspacing marks go, lower case. Words end at spaces, and every punctuation
/// mark is a word.
///
/// - Source: Devlin et al., "BERT", NAACL 2019, and its published tokeniser; the classes of characters are
///   those of the `tokenizers` library of Hugging Face, which are of Unicode 8.0.
struct WordPieceCleaner: Sendable {
    /// Whether letters become lower case.
    let isLowercased: Bool
    /// Whether accents are dropped.
    let stripsAccents: Bool
    /// Whether each Chinese character is a word.
    let separatesChinese: Bool

    /// Hands over the words of a text in order, as UTF-8.
    func forEachWord(_ text: Substring, _ body: (ArraySlice<UInt8>) -> Void) {
        var words: [UInt8] = []
        words.reserveCapacity(text.utf8.count + 16)
        if !appendASCII(text, to: &words) {
            words.removeAll(keepingCapacity: true)
            appendAny(text, to: &words)
        }
        var start = 0
        for index in 0...words.count where index == words.count || words[index] == 0 {
            if index > start { body(words[start..<index]) }
            start = index + 1
        }
    }

    /// Appends words of a text without other characters than ASCII, a zero after each.
    private func appendASCII(_ text: Substring, to words: inout [UInt8]) -> Bool {
        for byte in text.utf8 {
            switch byte {
            case 0x80...: return false
            case 0x20, 0x09, 0x0A, 0x0D: words.append(0)
            case 0..<0x20, 0x7F: continue
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                words.append(isLowercased ? byte | 0x20 : byte)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                words.append(byte)
            default:
                words.append(0)
                words.append(byte)
                words.append(0)
            }
        }
        return true
    }

    private func appendAny(_ text: Substring, to words: inout [UInt8]) {
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !scalar.isDroppedByWordPiece {
            if scalar.properties.isWhitespace {
                cleaned.append(" ")
            } else if separatesChinese, scalar.isChinese {
                cleaned.append(contentsOf: [" ", scalar, " "])
            } else {
                cleaned.append(scalar)
            }
        }
        guard stripsAccents else {
            for scalar in cleaned { appendLowered(scalar, to: &words) }
            return
        }
        for scalar in String(cleaned).decomposedStringWithCanonicalMapping.unicodeScalars
        where !scalar.isNonspacingMark {
            appendLowered(scalar, to: &words)
        }
    }

    private func appendLowered(_ scalar: Unicode.Scalar, to words: inout [UInt8]) {
        guard isLowercased, scalar.properties.changesWhenLowercased else {
            return append(scalar, to: &words)
        }
        for lowered in scalar.properties.lowercaseMapping.unicodeScalars {
            append(lowered, to: &words)
        }
    }

    private func append(_ scalar: Unicode.Scalar, to words: inout [UInt8]) {
        if scalar.properties.isWhitespace {
            words.append(0)
        } else if scalar.isPunctuation {
            words.append(0)
            words.append(contentsOf: scalar.utf8)
            words.append(0)
        } else {
            words.append(contentsOf: scalar.utf8)
        }
    }
}

extension Unicode.Scalar {
    /// Whether the character was assigned by Unicode 8.0, whose classes the reference uses.
    private var isOfUnicode8: Bool {
        guard let age = properties.age else { return false }
        return age.major <= 8
    }

    /// Control and format characters, those of private use, zero, and the mark of a decoding error.
    fileprivate var isDroppedByWordPiece: Bool {
        switch value {
        case 0x09, 0x0A, 0x0D: false
        case 0, 0xFFFD: true
        case 0x20...0x7E: false
        default:
            switch properties.generalCategory {
            case .control, .privateUse: true
            case .format: isOfUnicode8
            default: false
            }
        }
    }

    /// Marks that Unicode 8.0 calls nonspacing; those that changed their class later are named.
    fileprivate var isNonspacingMark: Bool {
        switch value {
        case ..<0x300, 0x1885, 0x1886, 0xA9BD, 0x111C9: false
        case 0x1734, 0x1171E: true
        default: properties.generalCategory == .nonspacingMark && isOfUnicode8
        }
    }

    /// Marks of ASCII that are no letters, digits or controls, and what Unicode 8.0 calls punctuation.
    fileprivate var isPunctuation: Bool {
        switch value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
        case ..<0x80: return false
        case 0x166D, 0x111C9: return true
        default: break
        }
        switch properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation:
            return isOfUnicode8
        default: return false
        }
    }

    /// The blocks of Chinese characters; the fifth starts where the reference starts it.
    fileprivate var isChinese: Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
            0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}

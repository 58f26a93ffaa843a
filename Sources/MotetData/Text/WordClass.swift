/// The word-break classes of characters, from UAX #29, table 3.
enum WordClass: UInt8 {
    case other
    case carriageReturn, lineFeed, newline
    /// Passed over: marks that extend a character, format characters, the zero-width joiner.
    case extend, format, joiner
    case region
    case katakana
    case hebrew
    case letter
    case singleQuote, doubleQuote
    /// Marks within words and numbers, within words, and within numbers.
    case middle, middleOfLetters, middleOfNumbers
    case number
    case connector
    case space

    /// The class of a character.
    init(_ scalar: Unicode.Scalar) {
        if let listed = WordClass.listed(scalar.value) {
            self = listed
            return
        }
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A: self = .letter
        case 0x30...0x39: self = .number
        case ..<0x80: self = scalar.value == 0x5F ? .connector : .other
        default: self = WordClass.derived(scalar)
        }
    }

    /// Characters the table names.
    private static func listed(_ value: UInt32) -> WordClass? {
        switch value {
        case 0x0D: .carriageReturn
        case 0x0A: .lineFeed
        case 0x0B, 0x0C, 0x85, 0x2028, 0x2029: .newline
        case 0x20, 0x1680, 0x2000...0x2006, 0x2008...0x200A, 0x205F, 0x3000: .space
        case 0x27: .singleQuote
        case 0x22: .doubleQuote
        case 0x2E, 0x2018, 0x2019, 0x2024, 0xFE52, 0xFF07, 0xFF0E: .middle
        case 0x3A, 0xB7, 0x387, 0x55F, 0x5F4, 0x2027, 0xFE13, 0xFE55, 0xFF1A: .middleOfLetters
        case 0x2C, 0x3B, 0x37E, 0x589, 0x60C, 0x60D, 0x66C, 0x7F8, 0x2044, 0xFE10, 0xFE14, 0xFE50,
            0xFE54, 0xFF0C, 0xFF1B:
            .middleOfNumbers
        case 0x200D: .joiner
        case 0x200B: .other
        case 0x202F: .connector
        case 0x1F1E6...0x1F1FF: .region
        default: nil
        }
    }

    private static func derived(_ scalar: Unicode.Scalar) -> WordClass {
        let properties = scalar.properties
        let category = properties.generalCategory
        if properties.isGraphemeExtend || category == .spacingMark || properties.isEmojiModifier {
            return .extend
        }
        if category == .format { return .format }
        if scalar.isKatakana { return .katakana }
        if scalar.isHebrewLetter { return .hebrew }
        if category == .decimalNumber || scalar.value == 0x66B { return .number }
        if category == .connectorPunctuation { return .connector }
        guard properties.isAlphabetic || scalar.isListedLetter, !properties.isIdeographic,
            !scalar.isHiragana, !scalar.needsDictionary
        else { return .other }
        return .letter
    }

    /// `AHLetter`.
    var isLetter: Bool { self == .letter || self == .hebrew }
    /// `CR`, `LF` and `Newline`.
    var isLineEnd: Bool { self == .carriageReturn || self == .lineFeed || self == .newline }
    /// What rule WB4 passes over.
    var isIgnored: Bool { self == .extend || self == .format || self == .joiner }
    /// `MidLetter` and `MidNumLetQ`.
    var joinsLetters: Bool { self == .middleOfLetters || self == .middle || self == .singleQuote }
    /// `MidNum` and `MidNumLetQ`.
    var joinsNumbers: Bool { self == .middleOfNumbers || self == .middle || self == .singleQuote }
    /// What a connector, such as the underscore, holds together.
    var isConnected: Bool {
        isLetter || self == .number || self == .katakana || self == .connector
    }
}

extension Unicode.Scalar {
    /// Whether a token may begin with it.
    var isVisible: Bool {
        switch value {
        case 0x21...0x7E: return true
        case ..<0xA0: return false
        default: break
        }
        if properties.isWhitespace { return false }
        switch properties.generalCategory {
        case .control, .format, .nonspacingMark, .spacingMark, .enclosingMark: return false
        default: return true
        }
    }

    /// Whether it is a picture: `Extended_Pictographic`, from Unicode 15.0's emoji-data.txt.
    ///
    /// Swift lacks that property; it holds code points kept for later emoji too, so it rarely changes.
    var isPictographic: Bool {
        switch value {
        case ..<0xA9: false
        case 0xA9, 0xAE, 0x203C, 0x2049, 0x2122, 0x2139, 0x2194...0x2199, 0x21A9...0x21AA,
            0x231A...0x231B, 0x2328, 0x2388, 0x23CF, 0x23E9...0x23F3, 0x23F8...0x23FA, 0x24C2,
            0x25AA...0x25AB, 0x25B6, 0x25C0, 0x25FB...0x25FE, 0x2600...0x2605, 0x2607...0x2612,
            0x2614...0x2685, 0x2690...0x2705, 0x2708...0x2712, 0x2714, 0x2716, 0x271D, 0x2721,
            0x2728, 0x2733...0x2734, 0x2744, 0x2747, 0x274C, 0x274E, 0x2753...0x2755, 0x2757,
            0x2763...0x2767, 0x2795...0x2797, 0x27A1, 0x27B0, 0x27BF, 0x2934...0x2935,
            0x2B05...0x2B07, 0x2B1B...0x2B1C, 0x2B50, 0x2B55, 0x3030, 0x303D, 0x3297, 0x3299,
            0x1F000...0x1F0FF, 0x1F10D...0x1F10F, 0x1F12F, 0x1F16C...0x1F171, 0x1F17E...0x1F17F,
            0x1F18E, 0x1F191...0x1F19A, 0x1F1AD...0x1F1E5, 0x1F201...0x1F20F, 0x1F21A, 0x1F22F,
            0x1F232...0x1F23A, 0x1F23C...0x1F23F, 0x1F249...0x1F3FA, 0x1F400...0x1F53D,
            0x1F546...0x1F64F, 0x1F680...0x1F6FF, 0x1F774...0x1F77F, 0x1F7D5...0x1F7FF,
            0x1F80C...0x1F80F, 0x1F848...0x1F84F, 0x1F85A...0x1F85F, 0x1F888...0x1F88F,
            0x1F8AE...0x1F8FF, 0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1FAFF,
            0x1FC00...0x1FFFD:
            true
        default: false
        }
    }

    /// Script Katakana, and marks used with it.
    fileprivate var isKatakana: Bool {
        switch value {
        case 0x3031...0x3035, 0x309B...0x309C, 0x30A0...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF,
            0x32D0...0x32FE, 0x3300...0x3357, 0xFF66...0xFF9D, 0x1AFF0...0x1AFF3,
            0x1AFF5...0x1AFFB, 0x1AFFD...0x1AFFE, 0x1B000, 0x1B120...0x1B122, 0x1B155,
            0x1B164...0x1B167:
            true
        default: false
        }
    }

    /// Script Hiragana.
    fileprivate var isHiragana: Bool {
        switch value {
        case 0x3041...0x3096, 0x309D...0x309F, 0x1B001...0x1B11F, 0x1B132, 0x1B150...0x1B152,
            0x1F200:
            true
        default: false
        }
    }

    /// Letters of script Hebrew.
    fileprivate var isHebrewLetter: Bool {
        switch value {
        case 0x5D0...0x5EA, 0x5EF...0x5F2, 0xFB1D, 0xFB1F...0xFB28, 0xFB2A...0xFB4F:
            properties.generalCategory == .otherLetter
        default: false
        }
    }

    /// Line-breaking class `SA`: scripts of South East Asia whose words only a dictionary tells.
    fileprivate var needsDictionary: Bool {
        switch value {
        case 0xE00...0xEFF, 0x1000...0x109F, 0x1780...0x17FF, 0x1950...0x19DF, 0x1A20...0x1AAF,
            0xA9E0...0xA9FF, 0xAA60...0xAADF, 0x11700...0x1174F:
            true
        default: false
        }
    }

    /// Characters the table counts as letters though they are not alphabetic.
    fileprivate var isListedLetter: Bool {
        switch value {
        case 0x2C2...0x2C5, 0x2D2...0x2D7, 0x2DE...0x2DF, 0x2E5...0x2EB, 0x2ED, 0x2EF...0x2FF,
            0x55A...0x55C, 0x55E, 0x58A, 0x5F3, 0x70F, 0xA708...0xA716, 0xA720...0xA721,
            0xA789...0xA78A, 0xAB5B:
            true
        default: false
        }
    }
}

/// One form for the many spellings of an address or a number, so that they count as one.
public enum ContactForm {
    /// An e-mail address in lower case, without what stands between a plus sign and the `@`.
    ///
    /// `Jo+shop1@Mail.example` and `jo@mail.example` reach one mailbox with most providers. Dots are left as they are:
    /// whether they count differs from provider to provider.
    public static func email(_ text: String) -> String {
        let lower = text.lowercased()
        guard let at = lower.lastIndex(of: "@"), let plus = lower[..<at].firstIndex(of: "+"),
            plus != lower.startIndex
        else { return lower }
        return String(lower[..<plus] + lower[at...])
    }

    /// A telephone number's digits, behind a plus sign where it begins with one or with two zeros.
    public static func phone(_ text: String) -> String {
        var digits = text.filter { ("0"..."9").contains($0) }
        let isInternational = text.first { $0 != " " && $0 != "(" } == "+"
        if isInternational { return "+" + digits }
        if digits.hasPrefix("00") {
            digits.removeFirst(2)
            return "+" + digits
        }
        return digits
    }
}

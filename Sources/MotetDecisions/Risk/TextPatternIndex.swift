/// Many patterns of whole texts at once: plain ones are looked up, only true wildcards are matched one by one.
///
/// Plain are a whole text (`+49301234`) and how texts begin (`+4419*`). One of the patterns fits a text just where
/// ``TextPattern/matches(_:)`` says so of it.
///
/// - Cost: a look-up, one for each length of a beginning, and one match for each pattern that is not plain.
struct TextPatternIndex: Hashable, Sendable {
    private var texts: Set<String> = []
    private var beginnings: Set<String> = []
    /// The lengths of the beginnings, ascending.
    private var lengths: [Int] = []
    private var rest: [TextPattern] = []

    init(_ patterns: [TextPattern]) {
        for pattern in patterns {
            if pattern.parts.isPlain {
                texts.insert(String(pattern.parts))
            } else if pattern.parts.last == "*", pattern.parts.dropLast().isPlain {
                beginnings.insert(String(pattern.parts.dropLast()))
            } else {
                rest.append(pattern)
            }
        }
        lengths = Set(beginnings.map(\.count)).sorted()
    }

    /// Whether one of the patterns fits a whole text.
    func matches(_ text: String) -> Bool {
        let text = Array(text.lowercased())
        if !texts.isEmpty, texts.contains(String(text)) { return true }
        for length in lengths where length <= text.count {
            if beginnings.contains(String(text[..<length])) { return true }
        }
        return rest.contains { $0.fits(text[...]) }
    }
}

/// Many patterns of e-mail addresses at once: plain ones are looked up, only true wildcards are matched one by one.
///
/// Plain are a domain (`trash.example`), what is below one (`*.trash.example`), an address (`a@trash.example`) and every address of
/// a domain (`*@trash.example`). One of the patterns fits an address just where ``TextPattern/matches(email:)`` says so of it.
///
/// - Cost: two look-ups for each end of the domain that begins behind a dot, and of patterns that are not plain one match each, of
///   those that have no `@` and do not begin with a star one for each such end.
struct MailPatternIndex: Hashable, Sendable {
    private var addresses: Set<String> = []
    /// Domains whose addresses fit, but not those of domains below them.
    private var hosts: Set<String> = []
    /// Domains that fit with all that is below them.
    private var domains: Set<String> = []
    /// Domains that do not fit themselves, with what is below them.
    private var parents: Set<String> = []
    /// Wildcards of whole addresses, of whole domains, and of ends of domains.
    private var addressRest: [TextPattern] = []
    private var domainRest: [TextPattern] = []
    private var endRest: [TextPattern] = []

    init(_ patterns: [TextPattern]) {
        for pattern in patterns {
            let parts = pattern.parts
            let isOfAddress = parts.contains("@")
            if parts.isPlain {
                if isOfAddress {
                    addresses.insert(String(parts))
                } else {
                    domains.insert(String(parts))
                }
            } else if parts.first == "*", parts.count > 1, parts.dropFirst(2).isPlain,
                !parts.dropFirst(2).contains("@"), parts[1] == "@" || parts[1] == "."
            {
                if isOfAddress {
                    hosts.insert(String(parts.dropFirst(2)))
                } else {
                    parents.insert(String(parts.dropFirst(2)))
                }
            } else if isOfAddress {
                addressRest.append(pattern)
            } else if parts.first == "*" {
                // The star takes up what is before an end: what fits an end fits the whole domain.
                domainRest.append(pattern)
            } else {
                endRest.append(pattern)
            }
        }
    }

    /// Whether one of the patterns fits an e-mail address.
    func matches(_ mail: String) -> Bool {
        let mail = Array(mail.lowercased())
        let at = mail.lastIndex(of: "@")
        let domain = mail[(at.map { $0 + 1 } ?? 0)...]
        if !addresses.isEmpty, addresses.contains(String(mail)) { return true }
        if at != nil, !hosts.isEmpty, hosts.contains(String(domain)) { return true }
        var end = domain
        while true {
            if !domains.isEmpty || !parents.isEmpty {
                let text = String(end)
                if domains.contains(text) { return true }
                if end.startIndex > domain.startIndex, parents.contains(text) { return true }
            }
            if endRest.contains(where: { $0.fits(end) }) { return true }
            guard let dot = end.firstIndex(of: ".") else { break }
            end = end[(dot + 1)...]
        }
        return domainRest.contains { $0.fits(domain) }
            || addressRest.contains { $0.fits(mail[...]) }
    }
}

extension Collection<Character> {
    /// Whether no character stands for others.
    fileprivate var isPlain: Bool { !contains { $0 == "*" || $0 == "?" || $0 == "#" } }
}

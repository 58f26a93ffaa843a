/// A part of a section of a page.
///
/// Sentences may hold code between backticks.
public enum ReportBlock: Sendable {
    /// A sentence or some.
    case paragraph(String)
    /// A sentence that stands out: a remark, or a warning.
    case note(String, isWarning: Bool)
    /// Sentences, one below the other.
    case list([String])
    /// Sentences in an order that matters, such as recommendations.
    case steps([String])
    /// A heading inside the section.
    case heading(String)
    /// Names with their values, side by side.
    case facts(ReportFacts)
    /// A table.
    case table(ReportTable)
    /// Plots, side by side where there is room.
    case plots([any Plot])
    /// Text of a program or a file, as it is.
    case code(String)
}

/// Names with their values, such as what a run was made from.
public struct ReportFacts: Hashable, Sendable {
    /// A name with its value.
    public struct Fact: Hashable, Sendable {
        /// The name.
        public var name: String
        /// The value.
        public var value: ReportCell

        /// Creates a fact.
        public init(_ name: String, _ value: ReportCell) {
            self.name = name
            self.value = value
        }
    }

    /// The JSON file the numbers come from.
    public var source: String?
    /// The facts in their order.
    public var facts: [Fact]

    /// Creates a list of facts.
    public init(source: String? = nil, _ facts: [Fact]) {
        self.source = source
        self.facts = facts
    }

    var html: HTML {
        .element(
            "dl",
            ["class": "facts", "data-source": source],
            facts.map { fact in
                .element(
                    "div",
                    [:],
                    [
                        .element("dt", [:], [HTML(text: fact.name)]),
                        .element(
                            "dd",
                            ["class": fact.value.tone == .plain ? nil : fact.value.tone.rawValue],
                            [fact.value.content]
                        ),
                    ]
                )
            }
        )
    }
}

extension ConfigurationReader {
    /// Text that must be there.
    public func string(_ key: String) -> String {
        required(key, expected: "text")?.string() ?? ""
    }

    /// Text that may be left out.
    public func string(_ key: String, default fallback: String) -> String {
        string(ifPresent: key) ?? fallback
    }

    /// Text, or nil if it is left out.
    public func string(ifPresent key: String) -> String? { value(key)?.string() }

    /// A whole number that must be there.
    public func integer(_ key: String, in bounds: Bounds<Int> = .any) -> Int {
        required(key, expected: phrase("a whole number", bounds))?.integer(in: bounds) ?? 1
    }

    /// A whole number that may be left out.
    public func integer(
        _ key: String,
        default fallback: Int,
        in bounds: Bounds<Int> = .any
    ) -> Int {
        integer(ifPresent: key, in: bounds) ?? fallback
    }

    /// A whole number, or nil if it is left out.
    public func integer(ifPresent key: String, in bounds: Bounds<Int> = .any) -> Int? {
        value(key)?.integer(in: bounds)
    }

    /// A finite number that must be there.
    public func number(_ key: String, in bounds: Bounds<Double> = .any) -> Double {
        required(key, expected: phrase("a number", bounds))?.number(in: bounds) ?? 1
    }

    /// A finite number that may be left out.
    public func number(
        _ key: String,
        default fallback: Double,
        in bounds: Bounds<Double> = .any
    ) -> Double {
        number(ifPresent: key, in: bounds) ?? fallback
    }

    /// A finite number, or nil if it is left out.
    public func number(ifPresent key: String, in bounds: Bounds<Double> = .any) -> Double? {
        value(key)?.number(in: bounds)
    }

    /// `true` or `false` that must be there.
    public func boolean(_ key: String) -> Bool {
        required(key, expected: "true or false")?.boolean() ?? false
    }

    /// `true` or `false` that may be left out.
    public func boolean(_ key: String, default fallback: Bool) -> Bool {
        value(key)?.boolean() ?? fallback
    }

    private func phrase<Number>(_ what: String, _ bounds: Bounds<Number>) -> String {
        bounds.constraint.isEmpty ? what : "\(what), \(bounds.constraint)"
    }
}

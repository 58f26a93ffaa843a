import MotetCore

/// Lengths of time as text: `90s`, `30m`, `1h`, `7d`, `2w`.
public enum TimeSpan {
    private static let units: [Character: Int64] = [
        "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
    ]

    /// Ten years.
    public static let greatest: Int64 = 3_653 * 86_400_000

    /// The milliseconds of a text.
    ///
    /// - Throws: ``FeatureError`` when it is no length of time from one second to ten years.
    public static func parse(_ text: String) throws(FeatureError) -> Int64 {
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
            number > 0, number <= greatest / unit
        else {
            throw FeatureError(
                .featureDefinition,
                "not a length of time; expected a whole number and s, m, h, d or w, such as `30m`, up to "
                    + "ten years; received \"\(text)\"."
            )
        }
        return number * unit
    }
}

import MotetConfiguration

extension ServingSettings {
    /// The names of columns, each once.
    static func knownValues(
        _ reader: ConfigurationReader,
        _ place: ReadingPlace
    ) -> [Recommend.Named] {
        let names =
            reader.list(ifPresent: "known_values") { value in
                value.string().map { place.named($0, value) }
            } ?? []
        for (index, name) in names.enumerated()
        where names[..<index].contains(where: { $0.text == name.text }) {
            reader.fail(
                "known_values",
                "the column \"\(name.text)\" is there twice; expected it once."
            )
        }
        return names
    }
}

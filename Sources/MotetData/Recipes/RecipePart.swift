/// A part of a prepared data set; its name is that of its file.
public enum RecipePart: String, Hashable, Sendable, CaseIterable {
    /// Rows a model learns from.
    case train
    /// Rows that choose among models.
    case validation
    /// Rows that measure the chosen model.
    case test
}

/// The version of this package, as the command line prints it and run directories record it.
public enum MotetVersion {
    /// The version.
    public static let current = "0.1.0"
}

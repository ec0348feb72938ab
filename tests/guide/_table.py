"""Which test stands for which block of the guide, and for which of its sentences.

A sentence stands here word for word, under the heading and the label of its list. Tests are named by
their file in this folder, or by their path in `tests` where they stand elsewhere; a parametrized one
by the case that it is about, where the cases are about different sentences.
"""

from __future__ import annotations

__all__ = ["BLOCK_TESTS", "CAPTIONS", "COMMENTS", "MEASURED", "PROMISES", "SAID"]

BLOCK_TESTS: dict[int, str] = {
    1: "test_quick_start.py::test_basic_setup",
    2: "test_quick_start.py::test_handling_errors",
    3: "test_quick_start.py::test_quick_recovery_patterns",
    4: "test_retry.py::test_configuration",
    5: "test_retry.py::test_usage_example",
    6: "test_alternative_path.py::test_configuration",
    7: "test_alternative_path.py::test_usage_example",
    8: "test_alternative_path.py::test_alternative_models",
    9: "test_degradation.py::test_configuration",
    10: "test_degradation.py::test_usage_example",
    11: "test_degradation.py::test_level_1",
    12: "test_degradation.py::test_level_2",
    13: "test_degradation.py::test_level_3",
    14: "test_correction.py::test_configuration",
    15: "test_correction.py::test_usage_example",
    16: "test_correction.py::test_multi_step_corrections",
    17: "test_escalation.py::test_configuration",
    18: "test_escalation.py::test_usage_example",
    19: "test_escalation.py::test_notification_format",
    20: "test_patterns.py::test_pattern_matching",
    21: "test_patterns.py::test_error_types",
    22: "test_patterns.py::test_priority",
    23: "test_patterns.py::test_common_patterns",
    24: "test_patterns.py::test_network_patterns",
    25: "test_patterns.py::test_syntax_patterns",
    26: "test_configuration.py::test_orchestrator",
    27: "test_configuration.py::test_strategies",
    28: "test_configuration.py::test_environments",
    29: "test_configuration.py::test_custom_strategy",
    30: "test_configuration.py::test_custom_strategy",
    31: "test_configuration.py::test_circuit_breaker",
    32: "test_integration.py::test_staged_executor",
    33: "test_integration.py::test_validation_pipeline",
    34: "test_integration.py::test_template_manager",
    35: "test_monitoring.py::test_statistics",
    36: "test_monitoring.py::test_events",
    37: "test_monitoring.py::test_health",
    38: "test_monitoring.py::test_alerts",
    39: "test_monitoring.py::test_low_success_rate",
    40: "test_monitoring.py::test_slow_recovery",
    41: "test_monitoring.py::test_pattern_matching_issues",
    42: "test_monitoring.py::test_retry_exhaustion",
}

RATES = "rates/test_rates.py::test_a_strategy_recovers_what_it_is_for"

# What the guide states of other programs than ours, and what can be asserted of it.
MEASURED: dict[tuple[str, str, str], str] = {
    ("Graceful Degradation Strategy", "Level 1 - Minor", "5-10% performance improvement"): (
        "depends on the caller's generator; asserted for one whose time goes into features"
    ),
    ("Graceful Degradation Strategy", "Level 2 - Moderate", "20-30% performance improvement"): (
        "as above"
    ),
    (
        "Graceful Degradation Strategy",
        "Level 3 - Major",
        "50%+ performance improvement",
    ): "as above",
}

PROMISES: dict[str, dict[str, dict[str, str]]] = {
    "Overview": {
        "Key Features": {
            "Pattern-based error matching with regex support": "test_patterns.py::test_pattern_matching",
            "5 recovery strategies (Retry, Alternative Path, Degradation, Correction, Escalation)": (
                "test_without.py::test_each_strategy_is_needed"
            ),
            "Automatic strategy selection based on error patterns": (
                "test_patterns.py::test_priority_decides_the_recovery"
            ),
            "Performance tracking and statistics": "test_monitoring.py::test_statistics",
            "Integration with MetricsCollector and SignalCoordinator": (
                "test_quick_start.py::test_basic_setup"
            ),
        },
        "Performance Targets": {
            "Error analysis: **<100ms**": "test_performance.py::test_error_analysis",
            "Recovery decision: **<50ms**": "test_performance.py::test_recovery_decision",
            "Total recovery overhead: **<500ms**": "test_performance.py::test_total_overhead",
            "Success rate: **90%+** for recoverable errors": (
                "rates/test_rates.py::test_nine_in_ten_recoverable_errors_are_recovered"
            ),
        },
    },
    "Retry Strategy": {
        "Best For": {
            sentence: f"test_patterns.py::test_best_for[{sentence}]"
            for sentence in (
                "Network timeouts",
                "Temporary API failures",
                "Database connection issues",
                "LLM rate limiting",
                "Temporary file system errors",
            )
        },
        "How It Works": {
            "Retry operation with exponential backoff": "test_retry.py::test_exponential_backoff",
            "Delays: 1s → 2s → 4s (configurable)": "test_retry.py::test_delays_are_configurable",
            "Maximum 3 retries by default (configurable)": "test_retry.py::test_number_of_retries",
            "Fail if all retries exhausted": "test_retry.py::test_number_of_retries",
        },
        "Performance": {
            "Base delay: 1s": "test_retry.py::test_no_wait_above_eight_seconds",
            "Max delay: 8s (after 3 retries)": "test_retry.py::test_no_wait_above_eight_seconds",
            "Total overhead: ~7s for 3 retries": "test_retry.py::test_exponential_backoff",
            "Success rate: **85%+** for transient errors": f"{RATES}[retry]",
        },
        "Limitations": {
            "Not suitable for permanent errors (400 Bad Request, etc.)": (
                "test_retry.py::test_permanent_errors_are_not_retried"
            ),
            "May increase latency significantly": "test_retry.py::test_latency_is_told",
            "Should have maximum retry limit": "test_retry.py::test_there_is_a_limit",
        },
    },
    "Alternative Path Strategy": {
        "Best For": {
            sentence: f"test_patterns.py::test_best_for[{sentence}]"
            for sentence in (
                "Template rendering failures",
                "Model generation issues",
                "Validation failures",
                "Incompatible contract versions",
                "Feature not supported by primary method",
            )
        },
        "How It Works": {
            "Identify alternative approaches (templates, models, etc.)": (
                "test_alternative_path.py::test_alternatives_of_every_kind"
            ),
            "Try alternatives in order of preference": "test_alternative_path.py::test_configuration",
            "Return first successful result": "test_alternative_path.py::test_first_success_counts",
            "Fail if all alternatives exhausted": (
                "test_alternative_path.py::test_alternatives_exhausted"
            ),
        },
        "Performance": {
            "Overhead: <300ms per alternative": "test_performance.py::test_overhead[alternative path]",
            "Success rate: **75%+** if alternatives exist": f"{RATES}[alternative path]",
            "Depends on availability of alternatives": (
                "test_alternative_path.py::test_without_alternatives"
            ),
        },
        "Limitations": {
            "Requires predefined alternatives": "test_alternative_path.py::test_without_alternatives",
            "May produce different output quality": (
                "test_alternative_path.py::test_what_was_used_instead_is_told"
            ),
            "Should validate alternative results": (
                "test_alternative_path.py::test_alternatives_are_validated"
            ),
        },
    },
    "Graceful Degradation Strategy": {
        "Best For": {
            **{
                sentence: f"test_patterns.py::test_best_for[{sentence}]"
                for sentence in (
                    "Complex contract generation failures",
                    "Memory constraints",
                    "Timeout issues",
                    "Quality gate failures",
                )
            },
            "Performance-critical scenarios": "test_patterns.py::test_performance_critical",
        },
        "How It Works": {
            "Identify optional features to remove": "test_degradation.py::test_usage_example",
            "Progressively simplify generation": "test_degradation.py::test_configuration",
            "Generate with reduced features": "test_degradation.py::test_usage_example",
            "Always produces output (never fails)": (
                "test_degradation.py::test_always_produces_output"
            ),
        },
        "Level 1 - Minor": {
            "5-10% performance improvement": "test_degradation.py::test_levels_save_time"
        },
        "Level 2 - Moderate": {
            "20-30% performance improvement": "test_degradation.py::test_levels_save_time"
        },
        "Level 3 - Major": {
            "50%+ performance improvement": "test_degradation.py::test_levels_save_time"
        },
        "Performance": {
            "Overhead: <200ms": "test_performance.py::test_overhead[degradation]",
            "Success rate: **90%+** (almost always produces output)": f"{RATES}[graceful degradation]",
            "Quality trade-off: Reduced features = lower quality": (
                "test_degradation.py::test_every_removed_feature_is_documented"
            ),
        },
        "Limitations": {
            "Output quality may be reduced": "test_degradation.py::test_a_degraded_result_can_be_refused",
            "Should document what features were removed": (
                "test_degradation.py::test_every_removed_feature_is_documented"
            ),
            "May not meet all requirements": "test_degradation.py::test_a_degraded_result_can_be_refused",
        },
    },
    "Error Correction Strategy": {
        "Best For": {
            sentence: f"test_correction.py::test_best_for[{sentence}]"
            for sentence in (
                "Missing async keywords",
                "Missing imports",
                "Syntax errors from template variables",
                "Indentation issues",
                "Known formatting errors",
            )
        },
        "How It Works": {
            "Match error message to known patterns": (
                "test_correction.py::test_only_matching_patterns_correct"
            ),
            "Apply predefined correction (regex replacement)": (
                "test_correction.py::test_only_matching_patterns_correct"
            ),
            "Re-validate corrected code": "test_correction.py::test_corrected_code_is_validated_again",
            "Return corrected result": "test_correction.py::test_usage_example",
        },
        "Performance": {
            "Overhead: <100ms": "test_performance.py::test_overhead[correction]",
            "Success rate: **95%+** for known patterns": f"{RATES}[error correction]",
            "Regex compilation cached": "test_performance.py::test_corrections_are_compiled_once",
        },
        "Limitations": {
            "Only works for known error patterns": (
                "test_correction.py::test_only_matching_patterns_correct"
            ),
            "Complex errors may require manual fixes": (
                "test_correction.py::test_unknown_errors_are_left_alone"
            ),
            "Regex corrections can be fragile": (
                "test_correction.py::test_fragile_corrections_are_taken_back"
            ),
        },
    },
    "Escalation Strategy": {
        "Best For": {
            sentence: f"test_patterns.py::test_best_for[{sentence}]"
            for sentence in (
                "Invalid contracts",
                "Unsupported features",
                "Critical validation failures",
                "Unknown error patterns",
                "Security violations",
            )
        },
        "How It Works": {
            "Identify unrecoverable error": (
                "test_escalation.py::test_unrecoverable_errors_are_identified"
            ),
            "Create detailed error report": "test_escalation.py::test_report_is_detailed",
            "Send notification (Slack, email, etc.)": (
                "test_escalation.py::test_every_named_channel_is_told"
            ),
            "Optionally pause workflow": "test_escalation.py::test_pausing_is_optional",
            "Wait for human resolution": "test_escalation.py::test_a_human_resolves",
        },
        "Performance": {
            "Overhead: <50ms (notification only)": "test_performance.py::test_overhead[escalation]",
            "Success rate: **100%** (always escalates)": f"{RATES}[escalation]",
            "Human resolution time: Variable": (
                "test_escalation.py::test_how_long_a_human_takes_is_counted"
            ),
        },
        "Limitations": {
            "Requires human intervention": "test_escalation.py::test_a_human_resolves",
            "May block workflow execution": "test_escalation.py::test_a_human_may_never_answer",
            "Depends on notification infrastructure": (
                "test_escalation.py::test_without_infrastructure"
            ),
        },
    },
    "Low Success Rate (<80%)": {
        "Solutions": {
            "Add more error patterns for unmatched errors": "test_solutions.py::test_more_patterns",
            "Tune retry parameters (increase max_retries)": "test_solutions.py::test_more_retries",
            "Add alternative paths for frequent failures": (
                "test_solutions.py::test_alternatives_for_frequent_failures"
            ),
            "Review error logs for new error patterns": (
                "test_solutions.py::test_the_log_shows_new_patterns"
            ),
        },
    },
    "Slow Recovery (>500ms average)": {
        "Solutions": {
            "Reduce retry delays (lower base_delay)": "test_solutions.py::test_lower_delays",
            "Reduce number of alternatives to try": "test_solutions.py::test_fewer_alternatives",
            "Simplify error correction patterns": "test_solutions.py::test_simpler_corrections",
            "Use faster degradation steps": "test_solutions.py::test_faster_degradation",
        },
    },
    "Pattern Matching Issues": {
        "Solutions": {
            "Review regex patterns for accuracy": "test_solutions.py::test_regexes_are_reviewed",
            "Add more specific patterns": "test_solutions.py::test_more_specific_patterns",
            "Check pattern priority order": "test_solutions.py::test_the_order_can_be_checked",
            "Use regex testing tools": "test_solutions.py::test_a_regex_can_be_tried",
        },
    },
    "Retry Exhaustion": {
        "Solutions": {
            "Increase max_retries for transient errors": "test_solutions.py::test_more_retries",
            "Increase base_delay for rate-limited services": (
                "test_solutions.py::test_longer_delays_for_rate_limits"
            ),
            "Add alternative path as fallback": (
                "test_solutions.py::test_an_alternative_after_the_retries"
            ),
            "Check if errors are truly transient": (
                "test_solutions.py::test_whether_an_error_is_transient_is_told"
            ),
        },
    },
}

# What is said outside of lists, and the test that holds the guide to it.
SAID: dict[str, str] = {
    "**5 recovery strategies** with **90%+ success rate** for transient errors": (
        "rates/test_rates.py::test_nine_in_ten_recoverable_errors_are_recovered"
    ),
    "**Purpose**: Handle transient errors with exponential backoff": (
        "test_retry.py::test_exponential_backoff"
    ),
    "**Purpose**: Try alternative templates, models, or approaches": (
        "test_alternative_path.py::test_alternatives_of_every_kind"
    ),
    "**Purpose**: Fall back to simpler generation with reduced features": (
        "test_degradation.py::test_usage_example"
    ),
    "**Purpose**: Automatically fix known error patterns in generated code": (
        "test_correction.py::test_usage_example"
    ),
    "**Purpose**: Escalate unrecoverable errors to human intervention": (
        "test_escalation.py::test_a_human_resolves"
    ),
    "Error patterns use regex matching to identify error types": (
        "test_patterns.py::test_pattern_matching"
    ),
    "When multiple patterns match, priority determines which is used": (
        "test_patterns.py::test_priority_decides_the_recovery"
    ),
    "Pre-defined patterns for common errors": "test_patterns.py::test_common_patterns",
    "Each strategy accepts custom configuration": (
        "test_config_values.py::test_a_key_has_a_meaning"
    ),
    "Implement custom recovery strategies by extending `BaseRecoveryStrategy`": (
        "test_configuration.py::test_custom_strategy_recovers"
    ),
    "Track recovery performance over time": "test_monitoring.py::test_statistics",
    "Monitor recovery operations in real-time": "test_monitoring.py::test_events",
    "Monitor error recovery system health": "test_monitoring.py::test_health_of_slow_recoveries",
    "Configure alerts for recovery issues": "test_monitoring.py::test_alerts_of_slow_recoveries",
}

# Comments of blocks that say what comes of the code, and who holds them to it; where nobody is named
# it is the test of the block. `CAPTIONS` are all the others: they only name the lines below them.
COMMENTS: dict[int, dict[str, str]] = {
    1: {"Add error patterns (optional - defaults provided)": "test_patterns.py::test_best_for"},
    2: {"Execute workflow with error recovery": "", "Attempt recovery": ""},
    3: {
        "Retry network errors": "",
        "Try alternatives on validation failure": "",
        "Graceful degradation for complex operations": "",
    },
    4: {
        "Base delay: 1s": "",
        "Aggressive retry (more retries, longer delays)": "",
        "Delays: 2s, 4s, 8s, 16s, 32s": "",
        "Fast retry (fewer retries, shorter delays)": "",
        "Delays: 0.5s, 1s": "",
    },
    5: {"Automatic retry on timeout": ""},
    6: {"Try v2 first": "", "Fallback to v1": "", "Simplest version": ""},
    7: {
        "Automatic fallback to alternative templates": "",
        "Rendered with alternative template": "",
    },
    8: {"Fallback across multiple LLM providers": "", "Try gpt-4, then claude-3": ""},
    10: {
        "Minor degradation": "test_degradation.py::test_levels_give_up_more_and_more",
        "Moderate degradation": "test_degradation.py::test_levels_give_up_more_and_more",
        "Major degradation": "test_degradation.py::test_levels_give_up_more_and_more",
        "Automatic degradation on timeout": (
            "test_degradation.py::test_usage_example_after_the_setup"
        ),
        "Progressively remove features until generation succeeds": "",
        "Generated with reduced features": "",
    },
    11: {"Remove CachingMixin, etc.": "", "Disable profiling": "", "Shallow validation only": ""},
    12: {
        "Basic validation only": "",
        "Disable AI validation": "",
        "Use faster LLM": "test_degradation.py::test_level_2_with_the_readers_models",
    },
    13: {"Simplest template": "", "No validation": "", "No metrics": "", "No mixins": ""},
    15: {
        "2 spaces": "test_correction.py::test_common_corrections",
        "4 spaces": "test_correction.py::test_common_corrections",
        "Automatic error correction": "",
        'Missing "async" keyword → automatically corrected': "",
        "Corrected code:": "",
        "async def execute_effect(self, context: dict) -> dict:": "",
    },
    16: {"Multi-step corrections": "", "Apply multi-step correction": ""},
    18: {
        "Automatic escalation": "",
        "Critical error → escalate immediately": "",
        "Notification sent, workflow paused, waiting for human resolution": "",
    },
    20: {"Category": "", "Regex": "", "Strategy-specific config": ""},
    21: {
        "Available error types": "",
        "Network/connectivity errors": "",
        "Validation failures": "",
        "Code generation errors": "",
        "Syntax errors": "",
        "Contract parsing/validation": "",
        "Operation timeouts": "",
        "API rate limiting": "",
        "LLM service errors": "",
        "Security violations": "",
        "Unclassified errors": "",
    },
    22: {
        "Higher priority patterns checked first": "",
        "Check this first": "",
        "Fallback if specific doesn't match": "",
    },
    23: {"Add all common patterns": "", "Or selectively add patterns": ""},
    26: {
        "Optional metrics collection": "",
        "Optional event signaling": "",
        "Default retry limit": "",
        "Default retry delay (seconds)": "",
        "Track recovery statistics": "",
        "Enable escalation notifications": "",
    },
    27: {
        "2^n backoff": "test_config_values.py::test_a_key_has_a_meaning",
        "Cap at 60 seconds": "",
        "Try each step progressively": "test_config_values.py::test_a_key_has_a_meaning",
    },
    28: {
        "Production: Aggressive recovery": "",
        "Staging: Moderate recovery": "",
        "Development: Minimal recovery (fail fast)": "",
    },
    29: {
        "Success": "test_configuration.py::test_custom_strategy_recovers",
        "Failed": "test_configuration.py::test_custom_strategy_recovers",
    },
    30: {"Use in error patterns": ""},
    31: {
        "Circuit still open": "",
        "Cooldown expired - try to close circuit": "",
        "Success - reset failure count": "test_configuration.py::test_circuit_breaker_starts_anew",
        "Failure - increment count": "",
        "Open circuit": "test_configuration.py::test_circuit_breaker_warns",
    },
    33: {"Try error correction if validation fails": "", "Re-validate corrected code": ""},
    36: {"Subscribe to recovery events": ""},
    37: {"Check health": ""},
    38: {
        "1 second": "test_monitoring.py::test_alerts_of_slow_recoveries",
        "Start monitoring": "",
    },
    39: {"Check which strategies are failing": ""},
    40: {"Check which strategies are slow": ""},
    41: {"Enable debug logging": "", "Test pattern matching": ""},
    42: {"Check retry statistics": ""},
}

CAPTIONS = frozenset(
    (
        "Add alternative path pattern",
        "Add correction patterns",
        "Add degradation pattern",
        "Add escalation patterns",
        "Add retry pattern",
        "Add to orchestrator",
        "Alternative path config",
        "Check if circuit is open",
        "Common error corrections",
        "Correction config",
        "Create components",
        "Create custom strategy instance",
        "Create orchestrator",
        "Create recovery context",
        "Custom recovery logic here",
        "Default retry strategy",
        "Define alert thresholds",
        "Define alternative LLM models",
        "Define alternative templates",
        "Define alternatives",
        "Define corrections",
        "Define degradation configuration",
        "Define degradation steps",
        "Define error pattern",
        "Define escalation config",
        "Define escalation patterns",
        "Define health checks",
        "Define operation to retry",
        "Degradation config",
        "Error type breakdown",
        "Escalation config",
        "Get comprehensive statistics",
        "Initialize components",
        "Register with orchestrator",
        "Retry strategy config",
        "Slack notification example",
        "Strategy breakdown",
        "Try operation",
        "Wrap template rendering with recovery",
        "Wrap validation with recovery",
        "Wrap workflow execution with recovery",
        "Your recovery logic here",
    )
)
